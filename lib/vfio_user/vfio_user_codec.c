/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "vfio_user.h"

#define FDS_BYTES (VFIO_USER_MAX_FDS * sizeof(int))

/* Room for exactly the descriptors of one message: one more sets MSG_CTRUNC. */
union control {
	char buf[CMSG_SPACE(FDS_BYTES)];
	struct cmsghdr align;
};
static_assert(CMSG_SPACE(FDS_BYTES) == CMSG_LEN(FDS_BYTES), "padding would hide a descriptor");

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* When the time-out of the socket ends that starts now; -1: never. */
static int64_t
deadline_start(int sock, int option)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);

	if (getsockopt(sock, SOL_SOCKET, option, &tv, &len) < 0 ||
	    (tv.tv_sec == 0 && tv.tv_usec == 0))
		return -1;
	return now_ms() + (int64_t)tv.tv_sec * 1000 + (tv.tv_usec + 999) / 1000;
}

/*
 * Waits for events until the deadline. The first wait for a message starts it (0: not started), so
 * that a peer which trickles bytes has one time-out for the message and not one per byte.
 */
static int
wait_io(int sock, short events, int64_t *deadline)
{
	struct pollfd pfd = { .fd = sock, .events = events };
	int64_t left = -1;
	int ret;

	if (*deadline == 0)
		*deadline = deadline_start(sock, events == POLLIN ? SO_RCVTIMEO : SO_SNDTIMEO);
	do {
		if (*deadline > 0) {
			left = *deadline - now_ms();
			if (left <= 0)
				return -ETIMEDOUT;
		}
		ret = poll(&pfd, 1, (int)left);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	return ret == 0 ? -ETIMEDOUT : 0;
}

/* A peer that is gone is one error, whatever the kernel calls it. */
static int
stream_error(int err)
{
	return err == ECONNRESET || err == ENOTCONN || err == EPIPE ? -EPIPE : -err;
}

static void
iov_advance(struct msghdr *mh, size_t bytes)
{
	while (mh->msg_iovlen > 0 && bytes >= mh->msg_iov->iov_len) {
		bytes -= mh->msg_iov->iov_len;
		mh->msg_iov++;
		mh->msg_iovlen--;
	}
	if (mh->msg_iovlen > 0) {
		mh->msg_iov->iov_base = (char *)mh->msg_iov->iov_base + bytes;
		mh->msg_iov->iov_len -= bytes;
	}
}

static void
attach_fds(struct msghdr *mh, union control *ctl, const int *fds, unsigned int nb_fds)
{
	struct cmsghdr *cmsg;

	memset(ctl, 0, sizeof(*ctl));
	mh->msg_control = ctl->buf;
	mh->msg_controllen = CMSG_SPACE(nb_fds * sizeof(int));
	cmsg = CMSG_FIRSTHDR(mh);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(nb_fds * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, nb_fds * sizeof(int));
}

static int
send_all(int sock, struct msghdr *mh, size_t left)
{
	int64_t deadline = 0;
	ssize_t done;
	int ret;

	while (left > 0) {
		done = sendmsg(sock, mh, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN) {
			ret = wait_io(sock, POLLOUT, &deadline);
			if (ret < 0)
				return ret;
			continue;
		}
		if (done < 0)
			return stream_error(errno);
		left -= (size_t)done;
		iov_advance(mh, (size_t)done);
		/* The descriptors went with the first byte. */
		mh->msg_control = NULL;
		mh->msg_controllen = 0;
	}
	return 0;
}

static struct iovec
iov_of(const void *base, size_t len)
{
	/* An iovec has no const; sending does not write. */
	return (struct iovec){ .iov_base = (void *)(uintptr_t)base, .iov_len = len };
}

int
vfio_user_send2(int sock, const struct vfio_user_header *hdr, const void *fixed, size_t fixed_len,
		const void *data, size_t data_len, const int *fds, unsigned int nb_fds)
{
	struct vfio_user_header out = *hdr;
	struct iovec iov[3] = { { .iov_base = &out, .iov_len = sizeof(out) } };
	struct msghdr mh = { .msg_iov = iov, .msg_iovlen = 1 };
	union control ctl;

	if (nb_fds > VFIO_USER_MAX_FDS)
		return -EINVAL;
	if (fixed_len > VFIO_USER_MAX_PAYLOAD || data_len > VFIO_USER_MAX_PAYLOAD - fixed_len)
		return -EMSGSIZE;
	out.size = (uint32_t)(sizeof(out) + fixed_len + data_len);
	if (fixed_len > 0)
		iov[mh.msg_iovlen++] = iov_of(fixed, fixed_len);
	if (data_len > 0)
		iov[mh.msg_iovlen++] = iov_of(data, data_len);
	if (nb_fds > 0)
		attach_fds(&mh, &ctl, fds, nb_fds);
	return send_all(sock, &mh, out.size);
}

int
vfio_user_send(int sock, const struct vfio_user_header *hdr, const void *payload, size_t len,
	       const int *fds, unsigned int nb_fds)
{
	return vfio_user_send2(sock, hdr, payload, len, NULL, 0, fds, nb_fds);
}

void
vfio_user_close_fds(struct vfio_user_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->nb_fds; i++) {
		if (msg->fds[i] >= 0)
			close(msg->fds[i]);
	}
	msg->nb_fds = 0;
}

/* Moves the descriptors that came into the message, so that no error path can lose one. */
static void
take_fds(struct vfio_user_msg *msg, struct msghdr *mh)
{
	struct cmsghdr *cmsg;
	size_t bytes;

	for (cmsg = CMSG_FIRSTHDR(mh); cmsg != NULL; cmsg = CMSG_NXTHDR(mh, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		/* The control buffer has room for no more than the array. */
		bytes = cmsg->cmsg_len - CMSG_LEN(0);
		assert(bytes <= FDS_BYTES - msg->nb_fds * sizeof(int));
		memcpy(&msg->fds[msg->nb_fds], CMSG_DATA(cmsg), bytes);
		msg->nb_fds += (unsigned int)(bytes / sizeof(int));
	}
}

/* The first piece of a message: at most a header, and all its descriptors. */
static int
recv_first(int sock, struct vfio_user_msg *msg, int flags, size_t *got)
{
	struct iovec iov = { .iov_base = &msg->hdr, .iov_len = sizeof(msg->hdr) };
	union control ctl;
	struct msghdr mh = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ctl.buf,
		.msg_controllen = sizeof(ctl.buf),
	};
	ssize_t ret;

	do {
		ret = recvmsg(sock, &mh, flags | MSG_CMSG_CLOEXEC);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return stream_error(errno);
	take_fds(msg, &mh);
	if (ret == 0)
		return -EPIPE;
	*got = (size_t)ret;
	return (mh.msg_flags & MSG_CTRUNC) != 0 ? -EPROTO : 0;
}

/* More of a message. Descriptors in the middle have no owner: they show as MSG_CTRUNC. */
static int
recv_rest(int sock, void *buf, size_t len, int64_t *deadline)
{
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t done;
	int ret;

	while (iov.iov_len > 0) {
		done = recvmsg(sock, &mh, MSG_DONTWAIT);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && errno == EAGAIN) {
			ret = wait_io(sock, POLLIN, deadline);
			if (ret < 0)
				return ret;
			continue;
		}
		if (done < 0)
			return stream_error(errno);
		if (done == 0)
			return -EPIPE;
		if ((mh.msg_flags & MSG_CTRUNC) != 0)
			return -EPROTO;
		iov.iov_base = (char *)iov.iov_base + done;
		iov.iov_len -= (size_t)done;
	}
	return 0;
}

static int
check_header(const struct vfio_user_header *hdr, size_t room)
{
	uint32_t type = hdr->flags & VFIO_USER_TYPE_MASK;

	if (type != VFIO_USER_TYPE_COMMAND && type != VFIO_USER_TYPE_REPLY)
		return -EPROTO;
	if (hdr->size < sizeof(*hdr))
		return -EPROTO;
	return hdr->size - sizeof(*hdr) > room ? -EMSGSIZE : 0;
}

static int
recv_message(int sock, struct vfio_user_msg *msg, void *buf, size_t room, int flags)
{
	int64_t deadline = 0;
	size_t got = 0;
	int ret;

	msg->data = buf;
	msg->len = 0;
	msg->nb_fds = 0;
	ret = recv_first(sock, msg, flags, &got);
	if (ret == 0 && got < sizeof(msg->hdr))
		ret = recv_rest(sock, (char *)&msg->hdr + got, sizeof(msg->hdr) - got, &deadline);
	if (ret == 0)
		ret = check_header(&msg->hdr, room);
	if (ret == 0) {
		msg->len = msg->hdr.size - sizeof(msg->hdr);
		ret = recv_rest(sock, buf, msg->len, &deadline);
	}
	if (ret < 0)
		vfio_user_close_fds(msg);
	return ret;
}

int
vfio_user_recv(int sock, struct vfio_user_msg *msg, void *buf, size_t room)
{
	int ret = recv_message(sock, msg, buf, room, 0);

	return ret == -EAGAIN ? -ETIMEDOUT : ret;
}

int
vfio_user_recv_nowait(int sock, struct vfio_user_msg *msg, void *buf, size_t room)
{
	return recv_message(sock, msg, buf, room, MSG_DONTWAIT);
}

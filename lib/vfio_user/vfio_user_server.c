/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "vfio_user_server.h"

/* The only capability a client must know: SET_IRQS may carry this many descriptors. */
#define VERSION_TEXT "{\"capabilities\":{\"max_msg_fds\":16}}"
static_assert(VFIO_USER_MAX_FDS == 16, "VERSION_TEXT says so");

/* Seconds for the rest of a message begun, and for a client to take a reply. */
#define CLIENT_TIMEOUT_S 1
/* Milliseconds a client to be refused has for its VERSION, which follows connect() at once. */
#define REFUSE_WAIT_MS 50
#define BACKLOG 16
/* What MSI-X can have, so what one SET_IRQS can name. */
#define MAX_VECTORS 2048

struct vfio_user_server {
	const struct vfio_user_device_ops *ops;
	void *dev;
	unsigned int num_regions;
	unsigned int num_irqs;

	/* The socket in the file system; listener -1: there is none. */
	int listener;
	int dir;           /* its directory, O_PATH */
	char *path;        /* cut off before its last component */
	const char *base;  /* the last component */
	dev_t st_dev;      /* what we bound, to remove nothing else */
	ino_t st_ino;

	int accept_error;  /* of the latest attempt, 0: none */
	int client;        /* -1: none */
	bool attached;     /* it has passed VERSION */
	struct timespec since; /* when it came */
	uint64_t posted;   /* its region writes without reply handled so far */

	/* A device op may be running: a drop waits until it is over. */
	bool busy;
	bool drop_wanted;
	char why[96];

	int irq_fds[MAX_VECTORS]; /* argument of set_irqs; all -1 between the calls */
	uint8_t *buf;      /* payload of the request, then of its reply: VFIO_USER_MAX_PAYLOAD */
};

/* A reply under construction: its payload stands at the start of the server's buffer. */
struct reply {
	size_t len;
	int fd; /* the device's; -1: none */
};

static void
disconnect(struct vfio_user_server *srv, const char *why)
{
	int sock = srv->client;

	srv->drop_wanted = false;
	if (sock < 0)
		return;
	srv->client = -1;
	if (srv->attached && srv->ops->detached != NULL) {
		srv->busy = true;
		srv->ops->detached(srv->dev, why);
		srv->busy = false;
	}
	srv->attached = false;
	/* Last: a client that sees the end of the stream knows that its memory is free. */
	close(sock);
}

/* Requests. Each handler returns 0 with the reply filled in, or a negative errno. */

static int
version(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	static const char text[] = VERSION_TEXT;
	struct vfio_user_version ver;

	if (srv->attached)
		return -EINVAL;
	memcpy(&ver, msg->data, sizeof(ver));
	if (ver.major != 0)
		return -EPROTONOSUPPORT;
	if (msg->len > sizeof(ver) && msg->data[msg->len - 1] != '\0')
		return -EINVAL;
	srv->attached = true;
	if (srv->ops->attached != NULL)
		srv->ops->attached(srv->dev);
	ver.minor = 0;
	memcpy(srv->buf, &ver, sizeof(ver));
	memcpy(srv->buf + sizeof(ver), text, sizeof(text));
	reply->len = sizeof(ver) + sizeof(text);
	return 0;
}

static int
check_dma_file(int fd, uint64_t offset, uint64_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || offset % (uint64_t)sysconf(_SC_PAGESIZE) != 0)
		return -EINVAL;
	if (size > UINT64_MAX - offset || (uint64_t)st.st_size < offset + size)
		return -EINVAL;
	return 0;
}

static int
dma_map(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_user_dma_map map;
	int none = -1;
	int ret;

	(void)reply;
	memcpy(&map, msg->data, sizeof(map));
	if (srv->ops->dma_map == NULL)
		return -EOPNOTSUPP;
	if (map.argsz < sizeof(map) || map.flags == 0 ||
	    (map.flags & ~(VFIO_USER_DMA_READ | VFIO_USER_DMA_WRITE)) != 0)
		return -EINVAL;
	if (map.size == 0 || map.size - 1 > UINT64_MAX - map.address)
		return -EINVAL;
	if (msg->nb_fds == 0)
		return srv->ops->dma_map(srv->dev, &map, &none);
	ret = check_dma_file(msg->fds[0], map.offset, map.size);
	if (ret < 0)
		return ret;
	return srv->ops->dma_map(srv->dev, &map, &msg->fds[0]);
}

static int
dma_unmap(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_user_dma_unmap unmap;

	memcpy(&unmap, msg->data, sizeof(unmap));
	if (srv->ops->dma_unmap == NULL)
		return -EOPNOTSUPP;
	if (unmap.argsz < sizeof(unmap) || (unmap.flags & ~VFIO_USER_DMA_UNMAP_ALL) != 0)
		return -EINVAL;
	if (unmap.flags == VFIO_USER_DMA_UNMAP_ALL) {
		if (unmap.address != 0 || unmap.size != 0)
			return -EINVAL;
	} else if (unmap.size == 0 || unmap.size - 1 > UINT64_MAX - unmap.address) {
		return -EINVAL;
	}
	reply->len = sizeof(unmap);
	return srv->ops->dma_unmap(srv->dev, &unmap);
}

static int
device_info(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_user_device_info info;

	memcpy(&info, msg->data, sizeof(info));
	if (info.argsz < sizeof(info))
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = VFIO_DEVICE_FLAGS_PCI;
	if (srv->ops->reset != NULL)
		info.flags |= VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = srv->num_regions;
	info.num_irqs = srv->num_irqs;
	memcpy(srv->buf, &info, sizeof(info));
	reply->len = sizeof(info);
	return 0;
}

static int
find_region(struct vfio_user_server *srv, uint32_t index, struct vfio_user_region *region)
{
	int ret;

	*region = (struct vfio_user_region){ .fd = -1 };
	if (index >= srv->num_regions)
		return -EINVAL;
	ret = srv->ops->region_info(srv->dev, index, region);
	if (ret < 0)
		return ret;
	/* Nothing more is asked of a device that wants its client gone. */
	return srv->drop_wanted ? -ECANCELED : 0;
}

/* Behind the fixed part of the reply; returns the bytes added. */
static size_t
put_sparse_areas(uint8_t *out, const struct vfio_user_region *region)
{
	const struct vfio_region_info_cap_sparse_mmap cap = {
		.header = { .id = VFIO_REGION_INFO_CAP_SPARSE_MMAP, .version = 1 },
		.nr_areas = region->nb_areas,
	};
	size_t bytes = region->nb_areas * sizeof(region->areas[0]);

	memcpy(out, &cap, sizeof(cap));
	memcpy(out + sizeof(cap), region->areas, bytes);
	return sizeof(cap) + bytes;
}

static int
region_info(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	const size_t cap_size = sizeof(struct vfio_region_info_cap_sparse_mmap);
	struct vfio_region_info info;
	struct vfio_user_region region;
	size_t needed = sizeof(info);
	uint32_t room;
	int ret;

	memcpy(&info, msg->data, sizeof(info));
	room = info.argsz;
	if (room < sizeof(info))
		return -EINVAL;
	ret = find_region(srv, info.index, &region);
	if (ret < 0)
		return ret;
	if (region.fd < 0)
		region.flags &= ~VFIO_REGION_INFO_FLAG_MMAP;
	if ((region.flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
		region.fd = -1;
		region.nb_areas = 0;
	}
	if (region.nb_areas > 0)
		needed += cap_size + region.nb_areas * sizeof(region.areas[0]);
	if (needed > VFIO_USER_MAX_PAYLOAD)
		return -E2BIG;

	info = (struct vfio_region_info){
		.argsz = (uint32_t)needed,
		.flags = region.flags & (VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
					 VFIO_REGION_INFO_FLAG_MMAP),
		.index = info.index,
		.size = region.size,
		.offset = region.fd_offset,
	};
	reply->len = sizeof(info);
	/* With too little room only the size needed is said; the client asks again. */
	if (room >= needed) {
		reply->fd = region.fd;
		if (region.nb_areas > 0) {
			info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
			info.cap_offset = sizeof(info);
			reply->len += put_sparse_areas(srv->buf + sizeof(info), &region);
		}
	}
	memcpy(srv->buf, &info, sizeof(info));
	return 0;
}

static unsigned int
irq_count(struct vfio_user_server *srv, uint32_t index)
{
	unsigned int count = 0;

	if (srv->ops->irq_count != NULL)
		count = srv->ops->irq_count(srv->dev, index);
	return count < MAX_VECTORS ? count : MAX_VECTORS;
}

static int
irq_info(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_irq_info info;

	memcpy(&info, msg->data, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= srv->num_irqs)
		return -EINVAL;
	info.argsz = sizeof(info);
	info.flags = VFIO_IRQ_INFO_EVENTFD;
	info.count = irq_count(srv, info.index);
	/* An error here keeps QEMU from complaining that error recovery cannot be set up. */
	if (info.index == VFIO_PCI_ERR_IRQ_INDEX && info.count == 0)
		return -EINVAL;
	memcpy(srv->buf, &info, sizeof(info));
	reply->len = sizeof(info);
	return 0;
}

static int
check_irq_set(struct vfio_user_server *srv, const struct vfio_user_msg *msg,
	      const struct vfio_irq_set *set)
{
	uint32_t type = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	size_t data = type == VFIO_IRQ_SET_DATA_BOOL ? set->count : 0;
	unsigned int count;

	/* One bit of each. */
	if (type == 0 || (type & (type - 1)) != 0 || action == 0 || (action & (action - 1)) != 0 ||
	    set->flags != (type | action))
		return -EINVAL;
	if (set->argsz < sizeof(*set) || set->index >= srv->num_irqs)
		return -EINVAL;
	if (set->count == 0 && (type != VFIO_IRQ_SET_DATA_NONE || set->start != 0 ||
				action != VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;
	count = irq_count(srv, set->index);
	if (set->count > count || set->start > count - set->count)
		return -EINVAL;
	if (msg->len - sizeof(*set) != data)
		return -EINVAL;
	if (msg->nb_fds != 0 &&
	    (type != VFIO_IRQ_SET_DATA_EVENTFD || msg->nb_fds != set->count))
		return -EINVAL;
	return 0;
}

static int
set_irqs(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	/* The buffer is aligned for any type. */
	const struct vfio_irq_set *set = (const void *)msg->data;
	unsigned int i;
	int ret;

	(void)reply;
	if (srv->ops->set_irqs == NULL)
		return -EOPNOTSUPP;
	ret = check_irq_set(srv, msg, set);
	if (ret < 0)
		return ret;
	for (i = 0; i < msg->nb_fds; i++)
		srv->irq_fds[i] = msg->fds[i];
	ret = srv->ops->set_irqs(srv->dev, set, srv->irq_fds);
	for (i = 0; i < msg->nb_fds; i++)
		srv->irq_fds[i] = -1;
	return ret;
}

static int
check_access(struct vfio_user_server *srv, const struct vfio_user_msg *msg, uint32_t flag,
	     struct vfio_user_region_access *access)
{
	struct vfio_user_region region;
	int ret;

	memcpy(access, msg->data, sizeof(*access));
	if (access->count == 0 || access->count > VFIO_USER_MAX_DATA)
		return -EINVAL;
	ret = find_region(srv, access->region, &region);
	if (ret < 0)
		return ret;
	if (access->offset > region.size || access->count > region.size - access->offset)
		return -EINVAL;
	return (region.flags & flag) != 0 ? 0 : -EACCES;
}

static int
region_read(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_user_region_access access;
	int ret;

	ret = check_access(srv, msg, VFIO_REGION_INFO_FLAG_READ, &access);
	if (ret < 0)
		return ret;
	/* The request's 16 bytes stay where they are and head the reply. */
	reply->len = sizeof(access) + access.count;
	return srv->ops->region_read(srv->dev, access.region, access.offset,
				     srv->buf + sizeof(access), access.count);
}

static int
region_write(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	struct vfio_user_region_access access;
	int ret;

	ret = check_access(srv, msg, VFIO_REGION_INFO_FLAG_WRITE, &access);
	if (ret < 0)
		return ret;
	if (msg->len - sizeof(access) != access.count)
		return -EINVAL;
	reply->len = sizeof(access);
	return srv->ops->region_write(srv->dev, access.region, access.offset,
				      msg->data + sizeof(access), access.count);
}

static int
reset(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	(void)msg;
	(void)reply;
	return srv->ops->reset == NULL ? -EOPNOTSUPP : srv->ops->reset(srv->dev);
}

struct command {
	int (*handle)(struct vfio_user_server *srv, struct vfio_user_msg *msg,
		      struct reply *reply);
	size_t min_len; /* of the payload */
	size_t max_len;
	unsigned int max_fds;
};

/* A structure that begins with its own size may grow in later versions: longer is accepted. */
#define ANY_LEN VFIO_USER_MAX_PAYLOAD

static const struct command commands[] = {
	[VFIO_USER_VERSION] = { version, sizeof(struct vfio_user_version), ANY_LEN, 0 },
	[VFIO_USER_DMA_MAP] = { dma_map, sizeof(struct vfio_user_dma_map), ANY_LEN, 1 },
	[VFIO_USER_DMA_UNMAP] = { dma_unmap, sizeof(struct vfio_user_dma_unmap), ANY_LEN, 0 },
	[VFIO_USER_DEVICE_GET_INFO] = {
		device_info, sizeof(struct vfio_user_device_info), ANY_LEN, 0 },
	[VFIO_USER_DEVICE_GET_REGION_INFO] = {
		region_info, sizeof(struct vfio_region_info), ANY_LEN, 0 },
	[VFIO_USER_DEVICE_GET_IRQ_INFO] = { irq_info, sizeof(struct vfio_irq_info), ANY_LEN, 0 },
	[VFIO_USER_DEVICE_SET_IRQS] = {
		set_irqs, sizeof(struct vfio_irq_set), ANY_LEN, VFIO_USER_MAX_FDS },
	[VFIO_USER_REGION_READ] = {
		region_read, sizeof(struct vfio_user_region_access),
		sizeof(struct vfio_user_region_access), 0 },
	[VFIO_USER_REGION_WRITE] = {
		region_write, sizeof(struct vfio_user_region_access), ANY_LEN, 0 },
	[VFIO_USER_DEVICE_RESET] = { reset, 0, 0, 0 },
};

static int
dispatch(struct vfio_user_server *srv, struct vfio_user_msg *msg, struct reply *reply)
{
	const struct command *cmd = NULL;

	if (msg->hdr.command < sizeof(commands) / sizeof(commands[0]))
		cmd = &commands[msg->hdr.command];
	if (cmd == NULL || cmd->handle == NULL)
		return -EOPNOTSUPP;
	if (msg->len < cmd->min_len || msg->len > cmd->max_len || msg->nb_fds > cmd->max_fds)
		return -EINVAL;
	return cmd->handle(srv, msg, reply);
}

static int
send_reply(struct vfio_user_server *srv, const struct vfio_user_header *request,
	   const struct reply *reply, int result)
{
	struct vfio_user_header hdr = {
		.id = request->id,
		.command = request->command,
		.flags = VFIO_USER_TYPE_REPLY,
	};

	if (result < 0) {
		hdr.flags |= VFIO_USER_FLAG_ERROR;
		hdr.error = (uint32_t)-result;
		return vfio_user_send(srv->client, &hdr, NULL, 0, NULL, 0);
	}
	return vfio_user_send(srv->client, &hdr, srv->buf, reply->len, &reply->fd,
			      reply->fd >= 0 ? 1 : 0);
}

static void
serve_message(struct vfio_user_server *srv, struct vfio_user_msg *msg)
{
	struct reply reply = { .fd = -1 };
	int ret;

	if ((msg->hdr.flags & VFIO_USER_TYPE_MASK) != VFIO_USER_TYPE_COMMAND ||
	    (!srv->attached && msg->hdr.command != VFIO_USER_VERSION)) {
		vfio_user_close_fds(msg);
		disconnect(srv, srv->attached ? "sent a reply, expected a command" :
			   "did not begin with VERSION");
		return;
	}
	srv->busy = true;
	ret = dispatch(srv, msg, &reply);
	srv->busy = false;
	vfio_user_close_fds(msg);
	if (msg->hdr.command == VFIO_USER_REGION_WRITE &&
	    (msg->hdr.flags & VFIO_USER_FLAG_NO_REPLY) != 0)
		srv->posted++;
	if (srv->drop_wanted) {
		disconnect(srv, srv->why);
		return;
	}
	if ((msg->hdr.flags & VFIO_USER_FLAG_NO_REPLY) == 0 &&
	    send_reply(srv, &msg->hdr, &reply, ret) < 0)
		disconnect(srv, "does not take its replies");
	else if (!srv->attached)
		disconnect(srv, "no agreement on the version");
}

static const char *
recv_error(int err)
{
	switch (err) {
	case -EPIPE:
		return "closed the connection";
	case -ETIMEDOUT:
		return "stopped in the middle of a message";
	case -EMSGSIZE:
		return "sent a longer message than is allowed";
	case -EPROTO:
		return "sent a malformed message";
	default:
		return "cannot be read from";
	}
}

static unsigned int
serve_client(struct vfio_user_server *srv, unsigned int budget)
{
	struct vfio_user_msg msg;
	unsigned int done = 0;
	int ret;

	while (done < budget && srv->client >= 0) {
		ret = vfio_user_recv_nowait(srv->client, &msg, srv->buf, VFIO_USER_MAX_PAYLOAD);
		if (ret == -EAGAIN)
			break;
		if (ret < 0) {
			disconnect(srv, recv_error(ret));
			break;
		}
		serve_message(srv, &msg);
		done++;
	}
	return done;
}

/* Connections */

static int
take_client(struct vfio_user_server *srv, int sock)
{
	const struct timeval tv = { .tv_sec = CLIENT_TIMEOUT_S };

	if (setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0 ||
	    setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &srv->since);
	srv->posted = 0;
	srv->client = sock;
	return 0;
}

/* Answers the VERSION of a client that is one too many. Between messages: the buffer is free. */
static void
refuse(struct vfio_user_server *srv, int sock)
{
	struct pollfd pfd = { .fd = sock, .events = POLLIN };
	struct vfio_user_header hdr = {
		.command = VFIO_USER_VERSION,
		.size = sizeof(hdr),
		.flags = VFIO_USER_TYPE_REPLY | VFIO_USER_FLAG_ERROR,
		.error = EBUSY,
	};

	/*
	 * Everything there is taken, since a stream closed over unread data shows as a reset. The
	 * kernel closes descriptors that nobody made room for.
	 */
	if (poll(&pfd, 1, REFUSE_WAIT_MS) > 0 &&
	    recv(sock, srv->buf, VFIO_USER_MAX_PAYLOAD, MSG_DONTWAIT) >= (ssize_t)sizeof(hdr.id))
		memcpy(&hdr.id, srv->buf, sizeof(hdr.id));
	if (send(sock, &hdr, sizeof(hdr), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
		/* It has gone; nobody is left to be told. */
	}
	close(sock);
}

/* A client that has not sent VERSION in this time does not keep others out. */
static bool
client_is_mute(const struct vfio_user_server *srv)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return !srv->attached && now.tv_sec - srv->since.tv_sec > CLIENT_TIMEOUT_S;
}

/*
 * Returns true if there is a new client. Takes at most one connection a call, so that the client is
 * served between the waits for connections to be refused.
 */
static bool
accept_client(struct vfio_user_server *srv)
{
	struct pollfd pfd[2] = {
		{ .fd = srv->listener, .events = POLLIN },
		{ .fd = srv->client },
	};
	int sock;

	srv->accept_error = 0;
	if (poll(pfd, 2, 0) <= 0 || (pfd[0].revents & POLLIN) == 0)
		return false;
	/* A client that has gone but left messages is served to its end before the next one. */
	if ((pfd[1].revents & (POLLHUP | POLLERR)) != 0)
		return false;
	sock = accept4(srv->listener, NULL, NULL, SOCK_CLOEXEC);
	srv->accept_error = sock < 0 ? errno : 0;
	if (sock < 0)
		return false;
	if (srv->client >= 0 && client_is_mute(srv))
		disconnect(srv, "sent no VERSION");
	if (srv->client >= 0) {
		refuse(srv, sock);
		return false;
	}
	if (take_client(srv, sock) < 0) {
		close(sock);
		return false;
	}
	return true;
}

unsigned int
vfio_user_server_poll(struct vfio_user_server *srv, unsigned int budget)
{
	unsigned int done;

	if (srv->busy)
		return 0;
	done = serve_client(srv, budget);
	if (srv->listener >= 0 && accept_client(srv))
		done += serve_client(srv, budget - done);
	return done;
}

int
vfio_user_server_adopt(struct vfio_user_server *srv, int sock)
{
	if (srv->client >= 0 || srv->busy)
		return -EBUSY;
	return take_client(srv, sock);
}

void
vfio_user_server_drop(struct vfio_user_server *srv, const char *why)
{
	if (srv->client < 0)
		return;
	if (!srv->busy) {
		disconnect(srv, why);
		return;
	}
	snprintf(srv->why, sizeof(srv->why), "%s", why);
	srv->drop_wanted = true;
}

int
vfio_user_server_accept_error(const struct vfio_user_server *srv)
{
	return srv->accept_error;
}

uint64_t
vfio_user_server_posted(const struct vfio_user_server *srv)
{
	return srv->posted;
}

int
vfio_user_server_listen_fd(const struct vfio_user_server *srv)
{
	return srv->listener;
}

int
vfio_user_server_client_fd(const struct vfio_user_server *srv)
{
	return srv->client;
}

/* The socket in the file system */

/* 0: nobody answers there, -EADDRINUSE: somebody does. */
static int
probe_socket(const struct sockaddr_un *addr)
{
	int sock, err;

	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return -errno;
	err = connect(sock, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ? EADDRINUSE : errno;
	close(sock);
	if (err == ECONNREFUSED)
		return 0;
	/* A full queue of connections is a server too. */
	return err == EAGAIN ? -EADDRINUSE : -err;
}

/* Removes a socket that a dead server left, and nothing else. */
static int
clear_stale(struct vfio_user_server *srv, const struct sockaddr_un *addr)
{
	struct stat before, after;
	int ret;

	if (fstatat(srv->dir, srv->base, &before, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(before.st_mode))
		return -EEXIST;
	ret = probe_socket(addr);
	if (ret < 0)
		return ret;
	/* Somebody else may have put his own there meanwhile. */
	if (fstatat(srv->dir, srv->base, &after, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (before.st_dev != after.st_dev || before.st_ino != after.st_ino)
		return -EADDRINUSE;
	return unlinkat(srv->dir, srv->base, 0) < 0 ? -errno : 0;
}

static int
open_dir(struct vfio_user_server *srv)
{
	char *slash = strrchr(srv->path, '/');
	const char *dir = ".";

	srv->base = srv->path;
	if (slash != NULL) {
		srv->base = slash + 1;
		dir = slash == srv->path ? "/" : srv->path;
	}
	if (srv->base[0] == '\0')
		return -EINVAL;
	if (slash != NULL && slash != srv->path)
		*slash = '\0';
	srv->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return srv->dir < 0 ? -errno : 0;
}

/* Gives the socket its name, with its mode set and already listening. */
static int
publish(struct vfio_user_server *srv, const char *temp)
{
	struct stat st;

	if (fchmodat(srv->dir, temp, S_IRUSR | S_IWUSR, 0) < 0 ||
	    listen(srv->listener, BACKLOG) < 0 ||
	    fstatat(srv->dir, temp, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (renameat2(srv->dir, temp, srv->dir, srv->base, RENAME_NOREPLACE) < 0)
		return errno == EEXIST ? -EADDRINUSE : -errno;
	srv->st_dev = st.st_dev;
	srv->st_ino = st.st_ino;
	return 0;
}

/*
 * Binds under a name of its own and renames: who waits for the socket to appear finds it listening,
 * and two servers that start at once cannot take each other's for stale.
 */
static int
listen_at(struct vfio_user_server *srv, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct timespec now;
	char temp[32];
	int ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	srv->path = strdup(path);
	if (srv->path == NULL)
		return -ENOMEM;
	ret = open_dir(srv);
	if (ret < 0)
		return ret;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	ret = clear_stale(srv, &addr);
	if (ret < 0)
		return ret;
	srv->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (srv->listener < 0)
		return -errno;
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(temp, sizeof(temp), ".%d-%08lx", (int)getpid(), (unsigned long)now.tv_nsec);
	/* By its directory's descriptor: the temporary name may be longer than the socket's. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/%s", srv->dir, temp);
	if (bind(srv->listener, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	ret = publish(srv, temp);
	if (ret < 0)
		unlinkat(srv->dir, temp, 0);
	return ret;
}

static void
remove_socket(struct vfio_user_server *srv)
{
	struct stat st;

	if (srv->st_ino != 0 && fstatat(srv->dir, srv->base, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == srv->st_dev && st.st_ino == srv->st_ino)
		unlinkat(srv->dir, srv->base, 0);
}

static int
server_init(struct vfio_user_server *srv, const struct vfio_user_server_conf *conf)
{
	unsigned int i;

	srv->ops = conf->ops;
	srv->dev = conf->dev;
	srv->num_regions = conf->num_regions;
	srv->num_irqs = conf->num_irqs;
	for (i = 0; i < MAX_VECTORS; i++)
		srv->irq_fds[i] = -1;
	srv->buf = malloc(VFIO_USER_MAX_PAYLOAD);
	if (srv->buf == NULL)
		return -ENOMEM;
	return conf->path == NULL ? 0 : listen_at(srv, conf->path);
}

struct vfio_user_server *
vfio_user_server_create(const struct vfio_user_server_conf *conf)
{
	struct vfio_user_server *srv;
	int ret;

	if (conf->ops == NULL || conf->ops->region_info == NULL || conf->ops->region_read == NULL ||
	    conf->ops->region_write == NULL) {
		errno = EINVAL;
		return NULL;
	}
	srv = calloc(1, sizeof(*srv));
	if (srv == NULL)
		return NULL;
	srv->listener = -1;
	srv->client = -1;
	srv->dir = -1;
	ret = server_init(srv, conf);
	if (ret < 0) {
		vfio_user_server_destroy(srv);
		errno = -ret;
		return NULL;
	}
	return srv;
}

void
vfio_user_server_destroy(struct vfio_user_server *srv)
{
	if (srv == NULL)
		return;
	disconnect(srv, "the server ends");
	remove_socket(srv);
	if (srv->listener >= 0)
		close(srv->listener);
	if (srv->dir >= 0)
		close(srv->dir);
	free(srv->path);
	free(srv->buf);
	free(srv);
}

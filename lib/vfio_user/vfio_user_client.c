/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The ntb-edma authors
 */

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "vfio_user_client.h"

#define VERSION_TEXT "{\"capabilities\":{\"max_msg_fds\":16,\"max_data_xfer_size\":1048576}}"
static_assert(VFIO_USER_MAX_FDS == 16 && VFIO_USER_MAX_DATA == 1048576, "VERSION_TEXT says so");

#define MAX_AREAS (sizeof(((struct vfio_user_client_region *)NULL)->areas) / \
		   sizeof(struct vfio_region_sparse_mmap_area))
/* Bounds the walk along a chain of capabilities, which a server could close to a ring. */
#define MAX_CAPS 8
/* The room a region's description needs may grow between two questions, but not for ever. */
#define MAX_ASKS 4

struct vfio_user_client {
	pthread_mutex_t lock; /* over a request with its reply, and all below but dead */
	int sock;
	atomic_bool dead;     /* set once, read without the lock */
	uint16_t next_id;
	uint32_t max_data;    /* bytes of one read or write that the server takes */
	uint64_t nb_posted;
	uint8_t *buf;         /* payload of a reply: VFIO_USER_MAX_PAYLOAD */
};

/* A request: its payload in up to two pieces, and at most one descriptor. */
struct request {
	uint16_t command;
	const void *fixed;
	size_t fixed_len;
	const void *data;
	size_t data_len;
	int fd; /* -1: none */
};

/* Ends the connection, so that the server is free for another client at once. */
static int
die(struct vfio_user_client *client, int err)
{
	if (!atomic_exchange(&client->dead, true))
		shutdown(client->sock, SHUT_RDWR);
	return err;
}

static int
send_locked(struct vfio_user_client *client, const struct request *req, uint32_t flags,
	    uint16_t *id)
{
	struct vfio_user_header hdr = {
		.id = client->next_id++,
		.command = req->command,
		.flags = VFIO_USER_TYPE_COMMAND | flags,
	};

	*id = hdr.id;
	return vfio_user_send2(client->sock, &hdr, req->fixed, req->fixed_len, req->data,
			       req->data_len, &req->fd, req->fd >= 0 ? 1 : 0);
}

/* What the server says about a request; -EPROTO: it does not say it right. */
static int
server_error(const struct vfio_user_header *hdr)
{
	if (hdr->size != sizeof(*hdr) || hdr->error == 0 || hdr->error > 4095)
		return -EPROTO;
	/* From us these mean that the connection is dead, which it is not. */
	if (hdr->error == EPIPE || hdr->error == EPROTO || hdr->error == ETIMEDOUT)
		return -EIO;
	return -(int)hdr->error;
}

/* Receives the reply; on success the descriptors in @p msg are the caller's. */
static int
recv_reply_locked(struct vfio_user_client *client, uint16_t id, uint16_t command,
		  struct vfio_user_msg *msg)
{
	const struct vfio_user_header *hdr = &msg->hdr;
	int ret;

	ret = vfio_user_recv(client->sock, msg, client->buf, VFIO_USER_MAX_PAYLOAD);
	if (ret < 0)
		return die(client, ret == -EMSGSIZE ? -EPROTO : ret);
	if ((hdr->flags & VFIO_USER_TYPE_MASK) != VFIO_USER_TYPE_REPLY || hdr->id != id ||
	    hdr->command != command) {
		vfio_user_close_fds(msg);
		return die(client, -EPROTO);
	}
	if ((hdr->flags & VFIO_USER_FLAG_ERROR) == 0)
		return 0;
	vfio_user_close_fds(msg);
	ret = server_error(hdr);
	return ret == -EPROTO ? die(client, ret) : ret;
}

static int
call_locked(struct vfio_user_client *client, const struct request *req, struct vfio_user_msg *msg)
{
	uint16_t id;
	int ret;

	if (atomic_load_explicit(&client->dead, memory_order_relaxed))
		return -EPIPE;
	ret = send_locked(client, req, 0, &id);
	/* A descriptor that the kernel will not pass is refused before anything is sent. */
	if (ret == -EBADF || ret == -ETOOMANYREFS)
		return ret;
	if (ret < 0)
		return die(client, ret);
	return recv_reply_locked(client, id, req->command, msg);
}

/* A request whose reply has no descriptor and just the length of @p fixed and @p data together. */
static int
call(struct vfio_user_client *client, const struct request *req, void *fixed, size_t fixed_len,
     void *data, size_t data_len)
{
	struct vfio_user_msg msg;
	int ret;

	pthread_mutex_lock(&client->lock);
	ret = call_locked(client, req, &msg);
	if (ret == 0 && (msg.len != fixed_len + data_len || msg.nb_fds != 0)) {
		vfio_user_close_fds(&msg);
		ret = die(client, -EPROTO);
	}
	if (ret == 0 && fixed_len > 0)
		memcpy(fixed, msg.data, fixed_len);
	if (ret == 0 && data_len > 0)
		memcpy(data, msg.data + fixed_len, data_len);
	pthread_mutex_unlock(&client->lock);
	return ret;
}

/* Connection */

/*
 * Value of an unsigned integer member of the server's JSON text, or @p fallback. It looks for the
 * quoted name wherever it stands: no name that we ask for has two meanings in the protocol.
 */
static uint64_t
json_uint(const char *text, const char *quoted_name, uint64_t fallback)
{
	const char *pos = strstr(text, quoted_name);

	if (pos == NULL)
		return fallback;
	pos += strlen(quoted_name);
	while (isspace((unsigned char)*pos))
		pos++;
	if (*pos++ != ':')
		return fallback;
	while (isspace((unsigned char)*pos))
		pos++;
	return isdigit((unsigned char)*pos) ? strtoull(pos, NULL, 10) : fallback;
}

static int
check_version(struct vfio_user_client *client, const struct vfio_user_msg *msg)
{
	struct vfio_user_version ver;
	const char *text = (const char *)msg->data + sizeof(ver);
	uint64_t max_data = VFIO_USER_MAX_DATA;

	if (msg->len < sizeof(ver) || msg->nb_fds != 0)
		return -EPROTO;
	memcpy(&ver, msg->data, sizeof(ver));
	if (ver.major != 0 || ver.minor != 0)
		return -EPROTO;
	if (msg->len > sizeof(ver)) {
		if (msg->data[msg->len - 1] != '\0')
			return -EPROTO;
		max_data = json_uint(text, "\"max_data_xfer_size\"", max_data);
	}
	if (max_data == 0)
		return -EPROTO;
	client->max_data = max_data < VFIO_USER_MAX_DATA ? (uint32_t)max_data : VFIO_USER_MAX_DATA;
	return 0;
}

static int
negotiate(struct vfio_user_client *client)
{
	static const char text[] = VERSION_TEXT;
	const struct vfio_user_version ver = { 0 };
	const struct request req = {
		.command = VFIO_USER_VERSION,
		.fixed = &ver,
		.fixed_len = sizeof(ver),
		.data = text,
		.data_len = sizeof(text),
		.fd = -1,
	};
	struct vfio_user_msg msg;
	uint16_t id;
	int ret;

	/* A server that refuses us may have answered and closed before we spoke. */
	ret = send_locked(client, &req, 0, &id);
	if (ret < 0 && ret != -EPIPE)
		return ret;
	ret = recv_reply_locked(client, id, req.command, &msg);
	if (ret < 0)
		return ret;
	ret = check_version(client, &msg);
	vfio_user_close_fds(&msg);
	return ret;
}

static int
connect_to(struct vfio_user_client *client, const char *path)
{
	const struct timeval tv = {
		.tv_sec = VFIO_USER_CLIENT_TIMEOUT_MS / 1000,
		.tv_usec = VFIO_USER_CLIENT_TIMEOUT_MS % 1000 * 1000,
	};
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	client->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->sock < 0)
		return -errno;
	if (setsockopt(client->sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) < 0 ||
	    setsockopt(client->sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)) < 0)
		return -errno;
	do {
		ret = connect(client->sock, (const struct sockaddr *)&addr, sizeof(addr));
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return negotiate(client);
}

int
vfio_user_client_connect(const char *path, struct vfio_user_client **out)
{
	struct vfio_user_client *client;
	int ret = -ENOMEM;

	*out = NULL;
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return -ENOMEM;
	client->sock = -1;
	pthread_mutex_init(&client->lock, NULL);
	client->buf = malloc(VFIO_USER_MAX_PAYLOAD);
	if (client->buf != NULL)
		ret = connect_to(client, path);
	if (ret < 0) {
		vfio_user_client_close(client);
		return ret;
	}
	*out = client;
	return 0;
}

void
vfio_user_client_close(struct vfio_user_client *client)
{
	if (client == NULL)
		return;
	if (client->sock >= 0)
		close(client->sock);
	pthread_mutex_destroy(&client->lock);
	free(client->buf);
	free(client);
}

bool
vfio_user_client_alive(const struct vfio_user_client *client)
{
	return !atomic_load_explicit(&client->dead, memory_order_relaxed);
}

bool
vfio_user_client_check(struct vfio_user_client *client)
{
	struct pollfd pfd = { .fd = client->sock, .events = POLLRDHUP };

	/* Without the lock: a request of another thread may be waiting for its reply. */
	if (vfio_user_client_alive(client) && poll(&pfd, 1, 0) > 0 && pfd.revents != 0)
		die(client, 0);
	return vfio_user_client_alive(client);
}

/* Requests */

int
vfio_user_client_device_info(struct vfio_user_client *client, struct vfio_user_device_info *info)
{
	const struct vfio_user_device_info ask = { .argsz = sizeof(ask) };
	const struct request req = {
		.command = VFIO_USER_DEVICE_GET_INFO,
		.fixed = &ask,
		.fixed_len = sizeof(ask),
		.fd = -1,
	};

	return call(client, &req, info, sizeof(*info), NULL, 0);
}

/* Areas must lie in the region and be mappable: page multiples, and inside the file. */
static bool
area_is_good(const struct vfio_user_client_region *region, uint64_t pos, uint64_t len,
	     uint64_t file_size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (pos > region->size || len == 0 || len > region->size - pos)
		return false;
	if (region->fd_offset % page != 0 || pos % page != 0)
		return false;
	return region->fd_offset <= file_size && pos + len <= file_size - region->fd_offset;
}

/* Copies the areas of the capability at @p at; 0 if there are too many or they are cut short. */
static unsigned int
copy_areas(const struct vfio_user_msg *msg, size_t at, struct vfio_user_client_region *region)
{
	struct vfio_region_info_cap_sparse_mmap cap;
	size_t bytes;

	if (msg->len - at < sizeof(cap))
		return 0;
	memcpy(&cap, msg->data + at, sizeof(cap));
	bytes = (size_t)cap.nr_areas * sizeof(region->areas[0]);
	if (cap.nr_areas > MAX_AREAS || bytes > msg->len - at - sizeof(cap))
		return 0;
	memcpy(region->areas, msg->data + at + sizeof(cap), bytes);
	return cap.nr_areas;
}

/* Looks for a sparse mmap capability; others say nothing that we need. */
static int
parse_caps(const struct vfio_user_msg *msg, uint32_t at, struct vfio_user_client_region *region)
{
	struct vfio_info_cap_header cap;
	unsigned int i = 0;

	do {
		if (at < sizeof(struct vfio_region_info) || at > msg->len ||
		    msg->len - at < sizeof(cap))
			return -EPROTO;
		memcpy(&cap, msg->data + at, sizeof(cap));
		if (cap.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP) {
			region->nb_areas = copy_areas(msg, at, region);
			return region->nb_areas > 0 ? 0 : -EPROTO;
		}
		at = cap.next;
	} while (at != 0 && ++i < MAX_CAPS);
	return at == 0 ? 0 : -EPROTO;
}

/* A region that says it can be mapped: everything a mapping will trust. */
static int
check_mappable(const struct vfio_user_msg *msg, const struct vfio_user_client_region *region)
{
	struct stat st;
	unsigned int i;

	if (msg->nb_fds != 1 || fstat(msg->fds[0], &st) < 0 || !S_ISREG(st.st_mode))
		return -EPROTO;
	if (region->nb_areas == 0 &&
	    !area_is_good(region, 0, region->size, (uint64_t)st.st_size))
		return -EPROTO;
	for (i = 0; i < region->nb_areas; i++) {
		if (!area_is_good(region, region->areas[i].offset, region->areas[i].size,
				  (uint64_t)st.st_size))
			return -EPROTO;
	}
	return 0;
}

static int
parse_region(struct vfio_user_msg *msg, const struct vfio_region_info *info,
	     struct vfio_user_client_region *region)
{
	int ret;

	*region = (struct vfio_user_client_region){
		.size = info->size,
		.flags = info->flags,
		.fd = -1,
		.fd_offset = info->offset,
	};
	if ((info->flags & VFIO_REGION_INFO_FLAG_CAPS) != 0) {
		ret = parse_caps(msg, info->cap_offset, region);
		if (ret < 0)
			return ret;
	}
	if ((info->flags & VFIO_REGION_INFO_FLAG_MMAP) == 0) {
		region->nb_areas = 0;
		return msg->nb_fds == 0 ? 0 : -EPROTO;
	}
	ret = check_mappable(msg, region);
	if (ret < 0)
		return ret;
	region->fd = msg->fds[0];
	msg->fds[0] = -1;
	return 0;
}

/* Asks once with @p *room for the reply: -ENOSPC if it needs more, then in @p *room. */
static int
ask_region_locked(struct vfio_user_client *client, unsigned int index, uint32_t *room,
		  struct vfio_user_client_region *region)
{
	struct vfio_region_info info = { .argsz = *room, .index = index };
	const struct request req = {
		.command = VFIO_USER_DEVICE_GET_REGION_INFO,
		.fixed = &info,
		.fixed_len = sizeof(info),
		.fd = -1,
	};
	struct vfio_user_msg msg;
	int ret;

	ret = call_locked(client, &req, &msg);
	if (ret < 0)
		return ret;
	ret = -EPROTO;
	if (msg.len >= sizeof(info) && msg.len <= *room) {
		memcpy(&info, msg.data, sizeof(info));
		if (info.index == index && info.argsz > *room &&
		    info.argsz <= VFIO_USER_MAX_PAYLOAD) {
			*room = info.argsz;
			ret = -ENOSPC;
		} else if (info.index == index && info.argsz <= *room &&
			   info.argsz >= sizeof(info)) {
			ret = parse_region(&msg, &info, region);
		}
	}
	vfio_user_close_fds(&msg);
	return ret == -EPROTO ? die(client, ret) : ret;
}

int
vfio_user_client_region_info(struct vfio_user_client *client, unsigned int index,
			     struct vfio_user_client_region *region)
{
	uint32_t room = sizeof(struct vfio_region_info);
	unsigned int asks = 0;
	int ret;

	pthread_mutex_lock(&client->lock);
	do {
		ret = ask_region_locked(client, index, &room, region);
	} while (ret == -ENOSPC && ++asks < MAX_ASKS);
	if (ret == -ENOSPC)
		ret = die(client, -EPROTO);
	pthread_mutex_unlock(&client->lock);
	return ret;
}

static bool
same_access(const struct vfio_user_region_access *a, const struct vfio_user_region_access *b)
{
	return a->offset == b->offset && a->region == b->region && a->count == b->count;
}

/* The reply to a read or write names what was asked. */
static int
check_echo(struct vfio_user_client *client, const struct vfio_user_region_access *asked,
	   const struct vfio_user_region_access *answered)
{
	return same_access(asked, answered) ? 0 : die(client, -EPROTO);
}

int
vfio_user_client_read(struct vfio_user_client *client, unsigned int region, uint64_t offset,
		      void *data, uint32_t count)
{
	const struct vfio_user_region_access access = { offset, region, count };
	const struct request req = {
		.command = VFIO_USER_REGION_READ,
		.fixed = &access,
		.fixed_len = sizeof(access),
		.fd = -1,
	};
	struct vfio_user_region_access echo;
	int ret;

	if (count == 0 || count > client->max_data)
		return -EINVAL;
	ret = call(client, &req, &echo, sizeof(echo), data, count);
	return ret < 0 ? ret : check_echo(client, &access, &echo);
}

int
vfio_user_client_write(struct vfio_user_client *client, unsigned int region, uint64_t offset,
		       const void *data, uint32_t count)
{
	const struct vfio_user_region_access access = { offset, region, count };
	const struct request req = {
		.command = VFIO_USER_REGION_WRITE,
		.fixed = &access,
		.fixed_len = sizeof(access),
		.data = data,
		.data_len = count,
		.fd = -1,
	};
	struct vfio_user_region_access echo;
	int ret;

	if (count == 0 || count > client->max_data)
		return -EINVAL;
	ret = call(client, &req, &echo, sizeof(echo), NULL, 0);
	return ret < 0 ? ret : check_echo(client, &access, &echo);
}

int
vfio_user_client_post(struct vfio_user_client *client, unsigned int region, uint64_t offset,
		      const void *data, uint32_t count, uint64_t *seq)
{
	const struct vfio_user_region_access access = { offset, region, count };
	const struct request req = {
		.command = VFIO_USER_REGION_WRITE,
		.fixed = &access,
		.fixed_len = sizeof(access),
		.data = data,
		.data_len = count,
		.fd = -1,
	};
	uint16_t id;
	int ret = -EPIPE;

	if (count == 0 || count > client->max_data)
		return -EINVAL;
	pthread_mutex_lock(&client->lock);
	if (vfio_user_client_alive(client)) {
		ret = send_locked(client, &req, VFIO_USER_FLAG_NO_REPLY, &id);
		if (ret < 0)
			die(client, ret);
		else if (seq != NULL)
			*seq = ++client->nb_posted;
		else
			client->nb_posted++;
	}
	pthread_mutex_unlock(&client->lock);
	return ret;
}

int
vfio_user_client_dma_map(struct vfio_user_client *client, int fd, uint64_t fd_offset,
			 uint64_t address, uint64_t size, uint32_t prot)
{
	const struct vfio_user_dma_map map = {
		.argsz = sizeof(map),
		.flags = prot,
		.offset = fd_offset,
		.address = address,
		.size = size,
	};
	const struct request req = {
		.command = VFIO_USER_DMA_MAP,
		.fixed = &map,
		.fixed_len = sizeof(map),
		.fd = fd,
	};

	return call(client, &req, NULL, 0, NULL, 0);
}

int
vfio_user_client_dma_unmap(struct vfio_user_client *client, uint64_t address, uint64_t size)
{
	const struct vfio_user_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.address = address,
		.size = size,
	};
	const struct request req = {
		.command = VFIO_USER_DMA_UNMAP,
		.fixed = &unmap,
		.fixed_len = sizeof(unmap),
		.fd = -1,
	};
	struct vfio_user_dma_unmap echo;
	int ret;

	ret = call(client, &req, &echo, sizeof(echo), NULL, 0);
	if (ret == 0 && (echo.address != address || echo.size != size))
		return die(client, -EPROTO);
	return ret;
}

int
vfio_user_client_reset(struct vfio_user_client *client)
{
	const struct request req = { .command = VFIO_USER_DEVICE_RESET, .fd = -1 };

	return call(client, &req, NULL, 0, NULL, 0);
}

/*
 * An open loop: asks at a constant rate, whatever the server makes of it, over connections that are kept. The
 * rate's n-th request is due at its time and on connection n modulo their number; where that one is still busy it
 * waits there, and its latency counts from when it was due. The idea is wrk2's (Gil Tene's "coordinated omission").
 *
 * usage: open-loop PORT PATH CONNECTIONS REQUESTS_PER_SECOND SECONDS
 *
 * The first fifth of the time is not counted. Prints one line, microseconds:
 *   RESULT requests duration p50 p99 failed p999 max
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, BYTES = 65536 };

struct client {
    int fd;
    int64_t asked;   /* when the request under way was due; -1 for none */
    int64_t waiting; /* the number of the first request that is due and not sent; -1 for none */
    size_t left;     /* bytes of the body that are still to come */
    int in_body;
    int last; /* the server has said that it closes after this response, as Tomcat does after so many */
    size_t have; /* of a head that has not ended */
    char head[4096];
};

static struct client *clients;
static int count;
static double nanos_each;
static int64_t began, count_from;
static char request[512];
static size_t request_length;
static struct sockaddr_in address;
static int epoll;
static uint32_t *latencies;
static size_t answered, capacity;
static long failed;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int64_t due(int64_t number) { return began + (int64_t)(number * nanos_each); }

static void open_connection(struct client *c)
{
    int one = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0) die("socket");
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
    c->asked = -1;
    c->have = 0;
    c->in_body = 0;
    c->last = 0;
}

static void ask(struct client *c, int64_t when)
{
    c->asked = when;
    if (send(c->fd, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length) {
        failed++;
        close(c->fd);
        open_connection(c);
    }
}

/* The connection is free: what has been due on it meanwhile goes now. */
static void ask_next(struct client *c, int64_t next)
{
    int64_t number = c->waiting;
    if (number < 0) return;
    c->waiting = number + count < next ? number + count : -1;
    ask(c, due(number));
}

static void answer(struct client *c)
{
    int64_t at = now();
    if (at >= count_from && answered < capacity)
        latencies[answered++] = (uint32_t)((at - c->asked) / 1000);
    c->asked = -1;
}

/* A head with a Content-Length; nothing else is answered here. */
static int end_of_head(struct client *c)
{
    char *end = memmem(c->head, c->have, "\r\n\r\n", 4);
    if (end == NULL) {
        if (c->have == sizeof c->head) failed++, c->have = 0;
        return 0;
    }
    char *length = NULL;
    for (char *line = c->head; line < end; line = (char *)memmem(line, end - line + 2, "\r\n", 2) + 2)
        if (strncasecmp(line, "content-length:", 15) == 0) length = line + 15;
        else if (strncasecmp(line, "connection: close", 17) == 0) c->last = 1;
    if (length == NULL || memcmp(c->head + 9, "200", 3) != 0) failed++;
    c->left = length == NULL ? 0 : strtoul(length, NULL, 10);
    size_t rest = c->have - (end + 4 - c->head);
    c->left -= rest < c->left ? rest : c->left;
    c->have = 0;
    c->in_body = 1;
    return 1;
}

static void read_from(struct client *c, int64_t next)
{
    static char bytes[BYTES];
    ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { /* no failure unless a request was under way */
        if (c->asked >= 0) failed++;
        close(c->fd);
        open_connection(c);
        ask_next(c, next);
        return;
    }
    if (c->in_body) {
        c->left -= (size_t)n < c->left ? (size_t)n : c->left;
    } else {
        size_t room = sizeof c->head - c->have, taken = (size_t)n < room ? (size_t)n : room;
        memcpy(c->head + c->have, bytes, taken);
        c->have += taken;
        if (!end_of_head(c)) return;
        size_t beyond = (size_t)n - taken;
        c->left -= beyond < c->left ? beyond : c->left;
    }
    if (c->left == 0) {
        c->in_body = 0;
        answer(c);
        if (c->last) {
            close(c->fd);
            open_connection(c);
        }
        ask_next(c, next);
    }
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static uint32_t percentile(double p) { return answered ? latencies[(size_t)(p * (answered - 1))] : 0; }

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: open-loop PORT PATH CONNECTIONS REQUESTS_PER_SECOND SECONDS\n");
        return 2;
    }
    double rate = atof(argv[4]);
    int64_t seconds = atoll(argv[5]);
    count = atoi(argv[3]);
    if (rate <= 0 || seconds <= 0 || count <= 0) {
        fprintf(stderr, "open-loop: connections, rate and seconds must be positive\n");
        return 2;
    }
    struct rlimit files = {count + 100, count + 100};
    setrlimit(RLIMIT_NOFILE, &files);
    prctl(PR_SET_TIMERSLACK, 1UL);
    nanos_each = 1e9 / rate;
    capacity = (size_t)(rate * seconds) + 1;
    latencies = malloc(capacity * sizeof *latencies);
    clients = calloc(count, sizeof *clients);
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[1]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    request_length = snprintf(request, sizeof request,
                              "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", argv[2], argv[1]);
    epoll = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        open_connection(&clients[i]);
        clients[i].waiting = -1;
    }
    began = now() + 10000000;
    count_from = began + seconds * 1000000000LL / 5;
    int64_t end = began + seconds * 1000000000LL, next = 0;
    struct epoll_event events[EVENTS];
    for (int64_t t = now(); t < end; t = now()) {
        for (; due(next) <= t; next++) {
            struct client *c = &clients[next % count];
            if (c->asked < 0)
                ask(c, due(next));
            else if (c->waiting < 0)
                c->waiting = next;
        }
        int64_t rest = due(next) - now();
        struct timespec pause = {0, rest > 0 ? (long)(rest % 1000000000) : 0};
        int ready = syscall(SYS_epoll_pwait2, epoll, events, EVENTS, &pause, NULL, 0);
        if (ready < 0 && errno != EINTR) die("epoll_pwait2");
        for (int i = 0; i < ready; i++) read_from(events[i].data.ptr, next);
    }
    /* What is still under way counts with what it has waited. */
    for (int i = 0; i < count; i++)
        if (clients[i].asked >= 0) answer(&clients[i]);
    qsort(latencies, answered, sizeof *latencies, by_size);
    printf("RESULT %zu %lld %u %u %ld %u %u\n", answered, (long long)(end - count_from) / 1000,
           percentile(0.5), percentile(0.99), failed, percentile(0.999), percentile(1));
    return 0;
}

/*
 * The floor: one thread, one epoll loop, a canned answer for /hello and /json. It looks for the
 * blank line that ends a request and at one letter of its path, and parses nothing else.
 *
 * usage: server PORT
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FD = 65536, REQUEST_BYTES = 1024, EVENTS = 256 };

static const char HELLO[] = "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/plain;charset=UTF-8\r\n"
                            "Content-Length: 13\r\n"
                            "\r\n"
                            "Hello, World!";

static const char JSON[] = "HTTP/1.1 200 OK\r\n"
                           "Content-Type: application/json\r\n"
                           "Content-Length: 27\r\n"
                           "\r\n"
                           "{\"message\":\"Hello, World!\"}";

/* What a connection has sent of a request that has not ended yet; allocated while there is some. */
struct partial {
    size_t length;
    char bytes[REQUEST_BYTES];
};

static struct partial *partials[MAX_FD];

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void drop(int fd)
{
    free(partials[fd]);
    partials[fd] = NULL;
    close(fd);
}

/* Answers every whole request in the bytes; returns how many were used, or -1 to drop the peer. */
static ssize_t answer(int fd, const char *bytes, size_t length)
{
    size_t used = 0;
    const char *end;
    while ((end = memmem(bytes + used, length - used, "\r\n\r\n", 4)) != NULL) {
        int json = length - used > 5 && bytes[used + 5] == 'j';
        const char *text = json ? JSON : HELLO;
        size_t size = json ? sizeof JSON - 1 : sizeof HELLO - 1;
        if (send(fd, text, size, MSG_NOSIGNAL) != (ssize_t)size)
            return -1;
        used = (size_t)(end - bytes) + 4;
    }
    return (ssize_t)used;
}

static void serve(int fd)
{
    static char fresh[REQUEST_BYTES];
    struct partial *p = partials[fd];
    char *bytes = p ? p->bytes : fresh;
    size_t held = p ? p->length : 0;
    ssize_t n = recv(fd, bytes + held, REQUEST_BYTES - held, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    ssize_t used = n <= 0 ? -1 : answer(fd, bytes, held + (size_t)n);
    if (used < 0) {
        drop(fd);
        return;
    }
    size_t left = held + (size_t)n - (size_t)used;
    if (left == 0) {
        free(p);
        partials[fd] = NULL;
    } else if (left == REQUEST_BYTES) {
        drop(fd);
    } else {
        if (!p && !(p = partials[fd] = malloc(sizeof *p)))
            die("malloc");
        memmove(p->bytes, bytes + used, left);
        p->length = left;
    }
}

static void accept_all(int listener, int epoll)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= MAX_FD) {
            close(fd);
            continue;
        }
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
            die("epoll_ctl");
    }
}

static int listen_on(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0)
        die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(fd, SOMAXCONN) < 0)
        die("listen");
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: server PORT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    int listener = listen_on(atoi(argv[1]));
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0)
        die("epoll");
    for (;;) {
        struct epoll_event events[EVENTS];
        int n = epoll_wait(epoll, events, EVENTS, -1);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                accept_all(listener, epoll);
            else
                serve(events[i].data.fd);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SocketProperties;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds attributes that were set and mean nothing to this connector: those of a pool of threads, and of NIO's buffers, caches and
 * poller.
 */
final class WithoutEffect {

    private static final int MAX_THREADS = 200;
    private static final int MIN_SPARE_THREADS = 10;

    private final List<String> names = new ArrayList<>();

    private WithoutEffect() {}

    /** The names of those that differ from Tomcat's defaults. */
    static List<String> of(NetpollTomcatEndpoint endpoint) {
        WithoutEffect found = new WithoutEffect();
        found.add("maxThreads", endpoint.getMaxThreads(), MAX_THREADS);
        int spare = Math.min(MIN_SPARE_THREADS, endpoint.getMaxThreads());
        found.add("minSpareThreads", endpoint.getMinSpareThreads(), spare);
        found.add("acceptorThreadPriority", endpoint.getAcceptorThreadPriority(), 5);
        found.add("threadPriority", endpoint.getThreadPriority(), 5);
        found.addOf(endpoint.getSocketProperties());
        return found.names;
    }

    private void addOf(SocketProperties set) {
        SocketProperties tomcats = new SocketProperties();
        add("socket.directBuffer", set.getDirectBuffer(), tomcats.getDirectBuffer());
        add("socket.directSslBuffer", set.getDirectSslBuffer(), tomcats.getDirectSslBuffer());
        add("socket.appReadBufSize", set.getAppReadBufSize(), tomcats.getAppReadBufSize());
        add("socket.appWriteBufSize", set.getAppWriteBufSize(), tomcats.getAppWriteBufSize());
        add("socket.bufferPool", set.getBufferPool(), tomcats.getBufferPool());
        add("socket.bufferPoolSize", set.getBufferPoolSize(), tomcats.getBufferPoolSize());
        add("socket.processorCache", set.getProcessorCache(), tomcats.getProcessorCache());
        add("socket.eventCache", set.getEventCache(), tomcats.getEventCache());
        add("socket.timeoutInterval", set.getTimeoutInterval(), tomcats.getTimeoutInterval());
    }

    private void add(String name, Object set, Object otherwise) {
        if (!set.equals(otherwise)) {
            names.add(name);
        }
    }
}

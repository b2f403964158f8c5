// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine;

import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks host names up without blocking a loop: getaddrinfo(3) blocks its thread, and under a virtual thread
 * that is a carrier. Safe from any thread.
 */
final class HostLookup {

    /** So many lookups at once; more wait their turn, as they would at the resolver. */
    private static final int THREADS = 16;

    private static final int KEEP_SECONDS = 10;

    private static final ThreadPoolExecutor RESOLVERS = resolvers();

    private HostLookup() {}

    private static ThreadPoolExecutor resolvers() {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        KEEP_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        Thread.ofPlatform().daemon().name("netpoll-resolver-", 0).factory());
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** At least one address, in the order of preference. A literal address is not looked up. */
    static InetAddress[] addressesOf(String host)
            throws UnknownHostException, InterruptedIOException {
        if (!Thread.currentThread().isVirtual()) {
            return InetAddress.getAllByName(host);
        }
        FutureTask<InetAddress[]> lookup = new FutureTask<>(() -> InetAddress.getAllByName(host));
        RESOLVERS.execute(lookup);
        try {
            return lookup.get();
        } catch (InterruptedException e) {
            lookup.cancel(false);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while looking up " + host);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException unknown) {
                throw unknown;
            }
            throw new IllegalStateException("Looking up " + host + " failed", e.getCause());
        }
    }
}

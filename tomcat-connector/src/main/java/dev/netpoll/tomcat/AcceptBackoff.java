// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.io.Errno;
import dev.netpoll.engine.io.KernelException;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Waits for descriptors or memory to come back when accepting fails for lack of them, as Go's net/http
 * does: 5 ms at first, doubling to a second. Says so once, until accepting works again.
 *
 * <p>Acceptor thread only.
 */
final class AcceptBackoff {

    private static final Log LOG = LogFactory.getLog(AcceptBackoff.class);

    private static final Duration FIRST = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private static final Set<Errno> SHORTAGES =
            EnumSet.of(Errno.EMFILE, Errno.ENFILE, Errno.ENOBUFS, Errno.ENOMEM);

    private final ConnectorCounters counters;
    private Duration next = FIRST;

    AcceptBackoff(ConnectorCounters counters) {
        this.counters = counters;
    }

    /** A connection was accepted. */
    void reset() {
        next = FIRST;
    }

    /** Waits if {@code e} tells of a shortage; false, at once, for other errors. */
    boolean await(KernelException e) throws InterruptedException {
        Errno errno = e.errno();
        if (errno == null || !SHORTAGES.contains(errno)) {
            return false;
        }
        if (next.equals(FIRST)) {
            LOG.warn(
                    "Accepting backs off: "
                            + e.getMessage()
                            + ". Connections wait in the kernel's queue until others close; raise"
                            + " the limit (ulimit -n) or lower server.tomcat.max-connections");
        }
        counters.backsOff();
        AcceptBackoffEvent event = new AcceptBackoffEvent();
        event.begin();
        Thread.sleep(next);
        event.end();
        if (event.shouldCommit()) {
            event.errno = errno.name();
            event.commit();
        }
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return true;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.sim.world;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.internal.poll.Mode;
import dev.netpoll.engine.internal.poll.PollDesc;
import dev.netpoll.engine.io.PollResult;

/**
 * The deadline of one direction as its setters know it: what may expire, and when. Where two set it at
 * once the order is not known, and nothing is held against the engine until the next alone.
 */
final class Ledger {

    private final Scheduler scheduler;
    private final NetpollConnection connection;
    private final PollDesc desc;
    private final Mode mode;

    /** How many set it right now. */
    private int setting;

    /** Since none did: how many have begun, and whether all but time-outs of readers were cancels. */
    private int together;

    private int cancels;
    private int moves;

    private boolean unsettled;

    /** Whether it was still to come when it had been set. */
    private boolean ahead;

    private long settled = NetpollConnection.NO_DEADLINE;

    Ledger(Scheduler scheduler, NetpollConnection connection, PollDesc desc, Mode mode) {
        this.scheduler = scheduler;
        this.connection = connection;
        this.desc = desc;
        this.mode = mode;
    }

    void set(long when) {
        begin(when == NetpollConnection.EXPIRED ? 1 : 0, when == NetpollConnection.EXPIRED ? 0 : 1);
        if (mode == Mode.READ) {
            connection.setReadDeadline(when);
        } else {
            connection.setWriteDeadline(when);
        }
        end(when);
    }

    void renew(long when) {
        begin(0, 0);
        boolean moved = connection.renewReadDeadline(when);
        end(moved ? when : NetpollConnection.EXPIRED);
    }

    private void begin(int cancel, int move) {
        if (setting++ == 0) {
            together = 0;
            cancels = 0;
            moves = 0;
        }
        together++;
        cancels += cancel;
        moves += move;
    }

    private void end(long when) {
        setting--;
        if (setting == 0) {
            boolean cancelled = cancels > 0 && moves == 0; // no time-out of a reader calls that off
            unsettled = together > 1 && !cancelled;
            settled = cancelled ? NetpollConnection.EXPIRED : when;
            ahead = !unsettled && settled > scheduler.now();
        }
    }

    /** Whether it was set to a time to come, and nothing has set it since, and that is after {@code time}. */
    boolean isAfter(long time) {
        return ahead && setting == 0 && settled > time;
    }

    /** A deadline is exceeded only when it has passed, and where it has been moved only at its new time. */
    void check() {
        if (setting > 0 || unsettled) {
            return;
        }
        if (settled == NetpollConnection.EXPIRED && desc.check(mode) == PollResult.READY) {
            scheduler.violate(mode + " of " + desc + " was cancelled, and goes on");
        }
        boolean exceeded = desc.check(mode) == PollResult.DEADLINE_EXCEEDED;
        boolean may =
                settled == NetpollConnection.EXPIRED || settled > 0 && settled <= scheduler.now();
        if (exceeded && !may) {
            scheduler.violate(
                    mode
                            + " of "
                            + desc
                            + " is past its deadline, which is "
                            + settled
                            + " now "
                            + scheduler.now());
        }
    }
}

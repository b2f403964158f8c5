// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

/**
 * Why a context ended. The family is closed, so a {@code switch} over it is complete:
 *
 * <pre>{@code
 * int status = switch (cause.origin()) {
 *     case CancelCause.ClientDisconnected _ -> 499;
 *     case CancelCause.DeadlineExceeded _, CancelCause.ServerShuttingDown _ -> 503;
 *     case CancelCause.CancelledByCode _, CancelCause.ParentCancelled _ -> 500;
 *     case CancelCause.Completed _ -> 200;
 * };
 * }</pre>
 *
 * <p>Every cause turns into the one exception type {@link CancelledException}; a deadline into its
 * subtype {@link DeadlineExceededException}. Causes are immutable and safe to share.
 */
public sealed interface CancelCause {

    /** Which member of the family this is: bounded, so it can be a meter's tag. */
    Kind kind();

    /** The reason in a few words, without secrets. */
    String message();

    /**
     * What ended the first context of the chain: for {@link ParentCancelled} the ancestor's own cause,
     * for every other cause the cause itself. Never a {@link ParentCancelled}.
     */
    default CancelCause origin() {
        return this;
    }

    /** The throwable given as the reason, or null. */
    default @Nullable Throwable error() {
        return null;
    }

    /** Whether a deadline was the origin, here or in an ancestor. */
    default boolean isDeadline() {
        return origin() instanceof DeadlineExceeded;
    }

    /** A new exception of the calling thread for this cause. */
    default CancelledException toException() {
        return isDeadline() ? new DeadlineExceededException(this) : new CancelledException(this);
    }

    /** The members of the family, for meters and logs. */
    enum Kind {
        CLIENT_DISCONNECTED("client-disconnected"),
        DEADLINE_EXCEEDED("deadline-exceeded"),
        SERVER_SHUTTING_DOWN("server-shutting-down"),
        PARENT_CANCELLED("parent-cancelled"),
        CANCELLED_BY_CODE("cancelled-by-code"),
        COMPLETED("completed");

        private final String tag;

        Kind(String tag) {
            this.tag = tag;
        }

        /** The kebab-case name. */
        public String tag() {
            return tag;
        }
    }

    /**
     * The peer is gone: the answer will not be read.
     *
     * @param how how the connection said so
     * @param errno the name of the error number, such as {@code ECONNRESET}, where there was one
     */
    record ClientDisconnected(How how, @Nullable String errno) implements CancelCause {

        /** How a peer leaves. */
        public enum How {
            /** It closed its sending side; it may be only half gone. */
            FIN,
            /** It reset the connection. */
            RST,
            /** The kernel gave the connection up: unreachable, timed out. */
            ERROR
        }

        @Override
        public Kind kind() {
            return Kind.CLIENT_DISCONNECTED;
        }

        @Override
        public String message() {
            return "client disconnected (" + how + (errno == null ? ")" : ", " + errno + ")");
        }
    }

    /**
     * The deadline passed before the work was completed.
     *
     * @param deadline the deadline of the context that owned it
     * @param reason what the deadline was for, where it was given one
     * @param error the reason as a throwable, where it was given one
     */
    record DeadlineExceeded(Deadline deadline, @Nullable String reason, @Nullable Throwable error)
            implements CancelCause {

        @Override
        public Kind kind() {
            return Kind.DEADLINE_EXCEEDED;
        }

        @Override
        public String message() {
            return reason == null ? "deadline exceeded" : "deadline exceeded: " + reason;
        }
    }

    /** The server is going down and the time for its drain is over. */
    record ServerShuttingDown() implements CancelCause {

        @Override
        public Kind kind() {
            return Kind.SERVER_SHUTTING_DOWN;
        }

        @Override
        public String message() {
            return "server shutting down";
        }
    }

    /**
     * An ancestor ended first.
     *
     * @param origin what ended that ancestor; never a {@link ParentCancelled} itself
     */
    record ParentCancelled(CancelCause origin) implements CancelCause {

        public ParentCancelled {
            origin = origin.origin();
        }

        @Override
        public Kind kind() {
            return Kind.PARENT_CANCELLED;
        }

        @Override
        public String message() {
            return "parent ended: " + origin.message();
        }

        @Override
        public @Nullable Throwable error() {
            return origin.error();
        }
    }

    /**
     * Code called {@code cancel}.
     *
     * @param message why
     * @param error the failure that made the work pointless, where there was one
     */
    record CancelledByCode(String message, @Nullable Throwable error) implements CancelCause {

        public CancelledByCode(String message) {
            this(message, null);
        }

        public CancelledByCode(Throwable error) {
            this("cancelled because of " + error, error);
        }

        @Override
        public Kind kind() {
            return Kind.CANCELLED_BY_CODE;
        }
    }

    /**
     * Nothing went wrong: the work was completed in time. Work that still holds the context works for a
     * result that has been delivered already, so for it the context is over all the same.
     */
    record Completed() implements CancelCause {

        static final Completed INSTANCE = new Completed();

        @Override
        public Kind kind() {
            return Kind.COMPLETED;
        }

        @Override
        public String message() {
            return "completed";
        }
    }
}

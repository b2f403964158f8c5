// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/**
 * The context of the work ended before the work did. One type for every cause; a deadline has a
 * subtype, {@link DeadlineExceededException}.
 *
 * <p>Unchecked, because a cancel crosses code that never heard of contexts. Not a {@link
 * java.util.concurrent.CancellationException}, which says that a <em>future</em> was cancelled, and
 * libraries swallow it for an orderly end, while an expired deadline must not vanish.
 */
public class CancelledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient CancelCause cause;

    public CancelledException(CancelCause cause) {
        super(cause.message(), cause.error());
        this.cause = cause;
    }

    /** Why the context ended; {@link CancelCause#origin()} tells what ended it in the first place. */
    public CancelCause cancelCause() {
        return cause;
    }
}

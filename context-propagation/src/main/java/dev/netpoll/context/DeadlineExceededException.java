// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

/** The deadline of the work's context, or of one of its ancestors, passed before the work was done. */
public final class DeadlineExceededException extends CancelledException {

    private static final long serialVersionUID = 1L;

    public DeadlineExceededException(CancelCause cause) {
        super(cause);
    }
}

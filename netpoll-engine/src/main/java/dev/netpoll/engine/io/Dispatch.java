// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.io;

import dev.netpoll.engine.internal.poll.PollDesc;

/**
 * Work to run on a fresh virtual thread once a descriptor is ready, its deadline expires, or it is
 * closing. A slot holds it while no thread is parked.
 *
 * <p>Fired at most once for each time it is armed. {@link PollDesc#startedBy} tells the thread which of
 * the three it was.
 */
public interface Dispatch extends Runnable {}

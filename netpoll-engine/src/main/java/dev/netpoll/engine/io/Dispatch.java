package dev.netpoll.engine.io;

import dev.netpoll.engine.internal.poll.PollDesc;

/**
 * What a slot holds while nobody is parked: work to run on a fresh virtual thread once the
 * descriptor is ready, its deadline expires, or it is closing.
 *
 * <p>Fired at most once for each time it is armed. {@link PollDesc#startedBy} tells the thread which of
 * the three it was.
 */
public interface Dispatch extends Runnable {}

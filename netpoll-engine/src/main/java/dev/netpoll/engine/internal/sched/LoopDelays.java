// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Timed parks of carried virtual threads, on their loop's own timers.
 *
 * <p>The JDK hands the time-outs of virtual threads with a scheduler of their own to {@code
 * VirtualThread.DelayedTaskSchedulers}: a thread beside the loops, so that every sleep ends with two
 * context switches and a wake-up. This stands in front of those schedulers. A call that comes from a
 * loop's carrier becomes a timer of that loop; any other goes where it went before. Installed once a
 * JVM, and left there: it holds no state.
 */
final class LoopDelays extends AbstractExecutorService implements ScheduledExecutorService {

    private static final boolean INSTALLED = install();

    private final ScheduledExecutorService elsewhere;

    LoopDelays(ScheduledExecutorService elsewhere) {
        this.elsewhere = elsewhere;
    }

    /** Sees that it is installed; false where this JDK keeps its delays elsewhere. */
    static boolean installed() {
        return INSTALLED;
    }

    private static boolean install() {
        try {
            var lookup = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            Class<?> holder = lookup.findClass("java.lang.VirtualThread$DelayedTaskSchedulers");
            var schedulers =
                    (ScheduledExecutorService[])
                            MethodHandles.privateLookupIn(holder, MethodHandles.lookup())
                                    .findStaticGetter(
                                            holder, "INSTANCE", ScheduledExecutorService[].class)
                                    .invoke();
            for (int i = 0; i < schedulers.length; i++) {
                schedulers[i] = new LoopDelays(schedulers[i]);
            }
            return true;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable t) {
            return false; // The JDK's own schedulers go on serving: slower, and right.
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        if (Thread.currentThread() instanceof Carrier carrier && carrier.loop().isOpen()) {
            EventLoop loop = carrier.loop();
            LoopDelay timer = new LoopDelay(loop, elsewhere, command, unit.toNanos(delay));
            loop.arm(timer, timer.when());
            if (loop.isOpen() || !loop.timers().cancel(timer)) {
                return timer;
            }
            // Closed meanwhile, and the timer was not moved elsewhere.
        }
        return elsewhere.schedule(command, delay, unit);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return elsewhere.schedule(callable, delay, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            Runnable command, long initialDelay, long period, TimeUnit unit) {
        return elsewhere.scheduleAtFixedRate(command, initialDelay, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return elsewhere.scheduleWithFixedDelay(command, initialDelay, delay, unit);
    }

    @Override
    public void shutdown() {
        elsewhere.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return elsewhere.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return elsewhere.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return elsewhere.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return elsewhere.awaitTermination(timeout, unit);
    }

    @Override
    public void execute(Runnable command) {
        elsewhere.execute(command);
    }
}

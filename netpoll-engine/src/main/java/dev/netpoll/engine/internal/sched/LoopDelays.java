// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sched;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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

    private static final long PAUSE_NANOS = 1_000_000;

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
            loadWhatTheyNeed();
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

    /**
     * The JDK's own schedulers serve the seldom park that is not on a loop, in a full heap perhaps: a class whose
     * initialisation lacks memory once fails for ever.
     */
    private static void loadWhatTheyNeed() throws ClassNotFoundException {
        Class.forName("java.util.concurrent.FutureTask");
        Class.forName("java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask");
    }

    /**
     * The thread has parked already, and nothing else will ever wake it: without memory this is tried until there is
     * some. The slice grows long meanwhile, and costs its carrier the loop.
     */
    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        while (true) {
            try {
                ScheduledFuture<?> timer = onLoop(command, unit.toNanos(delay));
                return timer != null ? timer : elsewhere.schedule(command, delay, unit);
            } catch (OutOfMemoryError e) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
            }
        }
    }

    /** A timer of the calling carrier's loop; null when there is none, or it has closed. */
    private @Nullable ScheduledFuture<?> onLoop(Runnable command, long nanos) {
        if (!(Thread.currentThread() instanceof Carrier carrier) || !carrier.loop().isOpen()) {
            return null;
        }
        EventLoop loop = carrier.loop();
        LoopDelay timer = new LoopDelay(loop, elsewhere, command, nanos);
        loop.arm(timer, timer.when());
        // When it has closed meanwhile, the timer may have been moved elsewhere.
        return loop.isOpen() || !loop.timers().cancel(timer) ? timer : null;
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

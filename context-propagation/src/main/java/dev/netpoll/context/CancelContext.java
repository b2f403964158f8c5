// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * A cancellation context: a deadline, a cancellation signal and values, inherited by the contexts
 * derived from it. Contexts form a tree, as in Go's {@code context} package, where the semantics
 * come from: when a context ends, every context derived from it ends.
 *
 * <pre>{@code
 * try (CancelScope scope = CancelContext.current().withTimeout(Duration.ofSeconds(2))) {
 *     Report report = scope.call(this::buildReport);  // sees the scope as CancelContext.current()
 *     scope.complete();                               // or DeadlineExceededException
 *     return report;
 * }
 * }</pre>
 *
 * <p>This type only reads a context; a {@link CancelScope} can also end it. A context has ended
 * when it was cancelled, when its deadline passed, when an ancestor ended, or when its owner
 * completed it. <em>Cancelled</em> in the names below means any of these: the result of the work is
 * no longer needed. {@link #cause()} tells them apart.
 *
 * <p>Every method is safe from any thread and none of them blocks, except those whose name says so
 * ({@code await…}, {@code sleep}).
 */
public abstract sealed class CancelContext permits CancelScope, RootContext, ViewContext {

    /** Its own and those of the contexts it was derived from. */
    final @Nullable Values values;

    CancelContext(@Nullable Values values) {
        this.values = values;
    }

    /** The nearest context at or above this one that can end, or null. */
    abstract @Nullable CancelScope scope();

    abstract ContextRuntime runtime();

    // ---- where a context comes from

    /** The root of all trees: never ends, no deadline, no values. */
    public static CancelContext background() {
        return RootContext.BACKGROUND;
    }

    /** A root like {@link #background()} whose tree lives by that runtime's clock, timer and threads. */
    public static CancelContext background(ContextRuntime runtime) {
        return new RootContext(null, Objects.requireNonNull(runtime));
    }

    /**
     * The context bound to the calling thread.
     *
     * @throws IllegalStateException if there is none: a fall-back to {@link #background()} would hide
     *     that work has lost its context on the way here
     */
    public static CancelContext current() {
        CancelContext context = CurrentContext.get();
        if (context == null) {
            throw new IllegalStateException(
                    "No context is bound to "
                            + Thread.currentThread()
                            + ". Requests have one; a thread or executor of your own gets one by"
                            + " CancelContext.wrap(task) or ContextExecutors.wrap(executor). Where"
                            + " having none is fine, ask CancelContext.currentOrNull()");
        }
        return context;
    }

    /** The context bound to the calling thread, or null. */
    public static @Nullable CancelContext currentOrNull() {
        return CurrentContext.get();
    }

    // ---- what can be derived from it

    /** A child that ends with this one at the latest, and by its owner's hand before. */
    public CancelScope withCancel() {
        return CancelScope.open(this, ScopeSpec.NONE, null);
    }

    /**
     * A child like {@link #withCancel()}'s whose owner is told when it ends early, that is otherwise
     * than by being completed: once, before all hooks, on the thread that ends it (of a deadline: on
     * one of its own), so it must not block; before this call returns when this context has ended
     * already. It costs less than a {@linkplain #onCancelInline hook}, and cannot be stopped. It runs
     * with the context class loader of the thread that makes this call.
     */
    public CancelScope withCancel(Consumer<? super CancelCause> owner) {
        return CancelScope.open(this, ScopeSpec.NONE, Objects.requireNonNull(owner));
    }

    /**
     * A child like {@link #withCancel()}'s, on which a mere completion of this context or of those
     * above it has no effect: their deadlines, disconnects and cancels end it, their orderly end does
     * not. For work that a request starts and does not wait for. It keeps the deadline even when this
     * context is gone.
     */
    public CancelScope withOwnEnd() {
        return CancelScope.open(this, ScopeSpec.OWN_END, null);
    }

    /** A child that ends at {@code deadline}, or at this context's own deadline if that is earlier. */
    public CancelScope withDeadline(Deadline deadline) {
        return timed(deadline.nanosOn(runtime()), null, null);
    }

    /**
     * Like {@link #withDeadline(Deadline)}, saying in the cause what the deadline was for. The reason
     * is not used when this context's own deadline is the earlier one.
     */
    public CancelScope withDeadline(Deadline deadline, String reason) {
        return timed(deadline.nanosOn(runtime()), Objects.requireNonNull(reason), null);
    }

    /** The same, whose {@code owner} is told as by {@link #withCancel(Consumer)}. */
    public CancelScope withDeadline(
            Deadline deadline, String reason, Consumer<? super CancelCause> owner) {
        return timed(
                deadline.nanosOn(runtime()),
                Objects.requireNonNull(reason),
                null,
                Objects.requireNonNull(owner));
    }

    /** Like {@link #withDeadline(Deadline, String)} with a throwable, the cause of the exceptions. */
    public CancelScope withDeadline(Deadline deadline, Throwable reason) {
        return timed(deadline.nanosOn(runtime()), reason.toString(), reason);
    }

    /**
     * A child that ends {@code timeout} from now, or at this context's own deadline if that is earlier.
     * Zero or negative: it is born expired.
     */
    public CancelScope withTimeout(Duration timeout) {
        return timed(runtime().nanoTime() + Deadline.nanos(timeout), null, null);
    }

    /** Like {@link #withTimeout(Duration)}; for the reason see {@link #withDeadline(Deadline, String)}. */
    public CancelScope withTimeout(Duration timeout, String reason) {
        return timed(
                runtime().nanoTime() + Deadline.nanos(timeout),
                Objects.requireNonNull(reason),
                null);
    }

    /** Like {@link #withTimeout(Duration, String)} with a throwable, the cause of the exceptions. */
    public CancelScope withTimeout(Duration timeout, Throwable reason) {
        return timed(runtime().nanoTime() + Deadline.nanos(timeout), reason.toString(), reason);
    }

    private CancelScope timed(long atNanos, @Nullable String reason, @Nullable Throwable error) {
        return timed(atNanos, reason, error, null);
    }

    private CancelScope timed(
            long atNanos,
            @Nullable String reason,
            @Nullable Throwable error,
            @Nullable Consumer<? super CancelCause> owner) {
        return CancelScope.open(this, new ScopeSpec(false, true, atNanos, reason, error), owner);
    }

    /** This context's values without its deadline and without its end: it never ends. */
    public CancelContext withoutCancel() {
        return new RootContext(values, runtime());
    }

    /**
     * This context with one more value. It is the same context otherwise, ends with it, and needs no
     * end of its own.
     */
    public <T> CancelContext with(Key<T> key, T value) {
        Values more =
                Values.with(values, Objects.requireNonNull(key), Objects.requireNonNull(value));
        return new ViewContext(scope(), runtime(), more);
    }

    /**
     * This context, whose children from here on live by another runtime: an event loop's own timer for
     * the requests on it.
     */
    public CancelContext withRuntime(ContextRuntime other) {
        return new ViewContext(scope(), Objects.requireNonNull(other), values);
    }

    // ---- what it says

    /**
     * Whether this context has ended, whatever the cause. True from the moment the end is decided
     * and from the deadline on, even when the timer is late.
     */
    public final boolean isCancelled() {
        return cause() != null;
    }

    /** Whether the deadline of this context or of one above it is what ended it. */
    public final boolean isDeadlineExceeded() {
        CancelCause cause = cause();
        return cause != null && cause.isDeadline();
    }

    /** Why this context ended, decided once and for good; null while it has not. */
    public final @Nullable CancelCause cause() {
        CancelScope scope = scope();
        return scope == null ? null : scope.settle();
    }

    /**
     * Does nothing while this context has not ended.
     *
     * @throws CancelledException if this context has ended; a {@link DeadlineExceededException} if a
     *     deadline was the reason
     */
    public final void throwIfCancelled() {
        CancelCause cause = cause();
        if (cause != null) {
            throw cause.toException();
        }
    }

    /** The earliest deadline of this context and those above it, or null if there is none. */
    public @Nullable Deadline deadline() {
        CancelScope scope = scope();
        return scope == null ? null : scope.deadline();
    }

    /** What is left until the deadline, but at most {@code limit}: the timeout for a call made now. */
    public final Duration remainingAtMost(Duration limit) {
        Deadline deadline = deadline();
        if (deadline == null) {
            return limit;
        }
        Duration left = deadline.remaining();
        return left.compareTo(limit) < 0 ? left : limit;
    }

    /** The value given for the key, here or nearest above; null if there is none. */
    @SuppressWarnings("unchecked") // with(Key<T>, T) is the only way in
    public final <T> @Nullable T value(Key<T> key) {
        return (T) Values.find(values, key);
    }

    // ---- what follows its end

    /**
     * Runs {@code action} on a thread of its own once this context has ended; at once if it has. The
     * action may block; one that throws is logged. Go's {@code context.AfterFunc}. Whichever thread
     * runs it has the context class loader of the thread that makes this call.
     *
     * <p>Stop it when the work it guards is done: until then the context keeps it.
     */
    public final CancelHook onCancel(Consumer<? super CancelCause> action) {
        return hook(action, false);
    }

    /** Like {@link #onCancel(Consumer)} for an action that does not ask why. */
    public final CancelHook onCancel(Runnable action) {
        return hook(_ -> action.run(), false);
    }

    /**
     * Like {@link #onCancel(Consumer)}, but the action runs on the thread that ends the context, before
     * its {@code cancel} returns; when the context has ended already, on this thread, before this call
     * returns. For what cannot block: setting a flag, unparking, interrupting. An action that blocks
     * holds up all others.
     */
    public final CancelHook onCancelInline(Consumer<? super CancelCause> action) {
        return hook(action, true);
    }

    private CancelHook hook(Consumer<? super CancelCause> action, boolean inline) {
        CancelScope scope = scope();
        CancelHook hook = new CancelHook(scope, Objects.requireNonNull(action), inline);
        if (scope != null) {
            scope.add(hook);
        }
        return hook;
    }

    // ---- waiting under it

    /**
     * Parks until this context has ended.
     *
     * @return why it ended
     * @throws InterruptedException if the thread is interrupted first
     */
    public final CancelCause awaitCancelled() throws InterruptedException {
        return CancelWait.await(this);
    }

    /**
     * Parks until this context has ended, but no longer than {@code atMost}, by the runtime's clock.
     *
     * @return why it ended, or null if it has not
     * @throws InterruptedException if the thread is interrupted first
     */
    public final @Nullable CancelCause awaitCancelled(Duration atMost) throws InterruptedException {
        return CancelWait.await(this, atMost);
    }

    /**
     * Sleeps for {@code duration}, by the runtime's clock, unless this context ends.
     *
     * @throws CancelledException as soon as this context has ended
     * @throws InterruptedException if the thread is interrupted first
     */
    public final void sleep(Duration duration) throws InterruptedException {
        throwIfCancelled();
        CancelCause cause = awaitCancelled(duration);
        if (cause != null) {
            throw cause.toException();
        }
    }

    /**
     * Runs a blocking {@code operation} on the calling thread and interrupts it when this context ends;
     * that interrupt never outlives the call (see {@link InterruptScope}).
     *
     * @throws CancelledException if the operation failed after that interrupt; what it threw is
     *     suppressed in it
     * @throws E if it failed by itself
     */
    public final <T extends @Nullable Object, E extends Exception> T callInterruptibly(
            Operation<T, E> operation) throws E {
        try (InterruptScope scope = InterruptScope.open(this)) {
            try {
                return operation.run();
            } catch (Exception e) {
                CancelCause cause = scope.interrupted() ? cause() : null;
                if (cause == null) {
                    throw e;
                }
                CancelledException cancelled = cause.toException();
                cancelled.addSuppressed(e);
                throw cancelled;
            }
        }
    }

    // ---- being the current one

    /** Makes this the calling thread's current context until the binding is closed. */
    public final Binding bind() {
        return new Binding(this);
    }

    /** Runs {@code action} with this as the current context. */
    public final void run(Runnable action) {
        try (Binding _ = bind()) {
            action.run();
        }
    }

    /** Runs {@code operation} with this as the current context and hands its result on. */
    public final <T extends @Nullable Object, E extends Exception> T call(Operation<T, E> operation)
            throws E {
        try (Binding _ = bind()) {
            return operation.run();
        }
    }

    /** The same task with this context bound around it, wherever it runs. */
    public final Runnable wrap(Runnable task) {
        return () -> run(task);
    }

    /** The same task with this context bound around it, wherever it runs. */
    public final <T extends @Nullable Object> Callable<T> wrap(Callable<T> task) {
        return () -> call(task::call);
    }
}

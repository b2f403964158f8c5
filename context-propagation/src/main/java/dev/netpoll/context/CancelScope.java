// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.context;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;

/**
 * A context that can be cancelled and completed. The code that opens a scope ends it; code that
 * gets it as a plain {@link CancelContext} can only read it.
 *
 * <pre>
 *   outcome   → outcome        moved by                                       effect
 *   null      → Completed      tryComplete, close                             the work ended in time
 *   null      → any cause      cancel                                         first one wins
 *   null      → DeadlineExc.   the timer, or a reader that looks at the clock see below
 *   null      → ParentCanc.    the ancestor's end, or a reader that looks up  see below
 *   (a cause) → (never)                                                       decided once
 *
 *   members   → members        moved by                                       effect
 *   null      → list           the first child or hook                        compare-and-set
 *   list,null → CLOSED         the first to finish, after the outcome         it alone notifies
 * </pre>
 *
 * <p><b>Deciding and notifying are apart.</b> The outcome is one compare-and-set. Owner, children
 * and hooks are notified afterwards, by one thread. A reader that <em>asks</em> in between, at any
 * depth below, walks up and looks at the clock, and so sees the end from the moment it is decided,
 * even when the timer's thread gets no CPU: no context is ever half cancelled, and no work that
 * ended after its deadline can be completed. Asking runs no callback; a reader that decides an
 * outcome leaves the notifying to the timer or to the ancestor's end, one of which must be on its
 * way.
 *
 * <p>Every method is safe from any thread. The one lock is that of a scope's list of children and
 * hooks, held for a few links; nothing is called under it.
 */
public final class CancelScope extends CancelContext implements Member, AutoCloseable {

    private static final VarHandle OUTCOME;
    private static final VarHandle MEMBERS;
    private static final VarHandle PARENT;

    static {
        try {
            var lookup = MethodHandles.lookup();
            OUTCOME = lookup.findVarHandle(CancelScope.class, "outcome", CancelCause.class);
            MEMBERS = lookup.findVarHandle(CancelScope.class, "members", Members.class);
            PARENT = lookup.findVarHandle(CancelScope.class, "parent", CancelScope.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * The nearest ancestor whose end can still reach this or what is below: moves up past those
     * that have completed, so that a chain of tasks each of which submits the next is no chain of
     * contexts; null once nothing can. Written by the threads that end or move this scope, any
     * value it has had is right; read before the outcome of the same scope, see {@link #inherited}.
     */
    @SuppressWarnings("FieldMayBeFinal") // moved by PARENT
    private @Nullable CancelScope parent;

    // The links of the list it stands in; guarded as Member says.
    @Nullable Member prev;
    @Nullable Member next;
    volatile @Nullable Members holder;

    private final ContextRuntime runtime;
    private final ScopeSpec spec;

    /** Told first, of every end but a completion. */
    private final @Nullable Consumer<? super CancelCause> owner;

    private final @Nullable ClassLoader ownersLoader;

    /** Whose deadline {@code atNanos} is; null when there is none. Never one beyond an own end. */
    private final @Nullable CancelScope deadlineOwner;

    private final long atNanos;

    private volatile @Nullable CancelCause outcome; // atomic, see the table
    private volatile @Nullable Members members; // atomic, see the table

    /** What {@link #outcome} looks like to children. A racy cache of an immutable value. */
    private CancelCause.@Nullable ParentCancelled forChildren;

    /** Set once before the scope is attached or handed out; read by the thread that finishes it. */
    private ContextRuntime.@Nullable Timeout timeout;

    private CancelScope(
            CancelContext from, ScopeSpec spec, @Nullable Consumer<? super CancelCause> owner) {
        super(from.values);
        this.owner = owner;
        this.ownersLoader = owner == null ? null : ContextLoader.current();
        CancelScope above = from.scope();
        this.parent = above;
        this.runtime = from.runtime();
        this.spec = spec;
        CancelScope inheritedOwner = above == null ? null : above.deadlineOwner;
        long inherited =
                above == null ? 0 : new Deadline(above.runtime, above.atNanos).nanosOn(runtime);
        if (spec.timed() && (inheritedOwner == null || spec.atNanos() - inherited < 0)) {
            deadlineOwner = this;
            atNanos = spec.atNanos();
        } else {
            // It must outlive the parent's end, and with it the parent's timer.
            deadlineOwner = inheritedOwner != null && spec.ownEnd() ? this : inheritedOwner;
            atNanos = inherited;
        }
    }

    /** A new scope below {@code from}, attached and with its timer set, or ended like its parent. */
    static CancelScope open(
            CancelContext from, ScopeSpec spec, @Nullable Consumer<? super CancelCause> owner) {
        CancelScope scope = new CancelScope(from, spec, owner);
        CancelScope above = scope.parent;
        boolean bornEnded = above != null && above.outcome != null && scope.inherit();
        if (bornEnded || !scope.start()) {
            scope.finish();
        }
        return scope;
    }

    /** False if it is born with its deadline behind it, or has ended while it came into the tree. */
    private boolean start() {
        if (deadlineOwner == this) {
            if (isOverdue()) {
                decide(exceeded());
                return false;
            }
            timeout = runtime.schedule(atNanos, this::expire);
        }
        return attach();
    }

    /**
     * Cancels with the message {@code "cancelled"}.
     *
     * @return true if this call decided the outcome
     */
    public boolean cancel() {
        return cancel("cancelled");
    }

    /** Cancels because of what the message says; see {@link #cancel(CancelCause)}. */
    public boolean cancel(String message) {
        return cancel(new CancelCause.CancelledByCode(message));
    }

    /** Cancels because of a failure; see {@link #cancel(CancelCause)}. */
    public boolean cancel(Throwable failure) {
        return cancel(new CancelCause.CancelledByCode(failure));
    }

    /**
     * Ends this context and every one below it. The first end wins: a later cancel changes nothing,
     * nor does one that comes after the deadline or after an ancestor's end, even if neither had
     * been noticed.
     *
     * <p>When the call returns, every context below is ended and the hooks have been started; inline
     * hooks have run, on this thread. (Unless another thread came first: it may still be at it.)
     *
     * @return true if this call decided the outcome
     */
    public boolean cancel(CancelCause cause) {
        boolean won = settle() == null && OUTCOME.compareAndSet(this, null, cause);
        finish();
        return won;
    }

    /**
     * Ends this context as done in time, unless it has ended otherwise. The clock is asked now:
     * work that ended after its deadline is never completed. Contexts below are cancelled with
     * {@link CancelCause.Completed} as their origin, except those with an {@linkplain #withOwnEnd
     * end of their own}; threads that still wait for this context are woken, as on a cancel.
     *
     * @return true if the context is completed, by this call or a former one; false if {@link #cause()}
     *     is something else
     */
    public boolean tryComplete() {
        CancelCause end = settle();
        if (end == null) {
            end = decide(CancelCause.Completed.INSTANCE);
        }
        finish();
        return end instanceof CancelCause.Completed;
    }

    /**
     * Like {@link #tryComplete()}.
     *
     * @throws CancelledException if the context ended otherwise; a {@link DeadlineExceededException} if
     *     the deadline has passed
     */
    public void complete() {
        if (!tryComplete()) {
            throwIfCancelled();
        }
    }

    /** The same as {@link #tryComplete()}: the owner is done, in time or not. Idempotent. */
    @Override
    public void close() {
        tryComplete();
    }

    /** The cause if the context has ended, found out now if need be; runs no callback. */
    @Nullable CancelCause settle() {
        CancelCause end = outcome;
        if (end != null) {
            return end;
        }
        CancelScope timed = deadlineOwner;
        if (timed != null && timed.outcome == null && timed.isOverdue()) {
            timed.decide(timed.exceeded());
        }
        return inherit() ? outcome : null;
    }

    /** By the clock alone; of a scope that owns its deadline. */
    private boolean isOverdue() {
        return runtime.nanoTime() - atNanos >= 0;
    }

    /** Takes over the end of an ancestor. True if this context has ended now. */
    private boolean inherit() {
        if (outcome == null) {
            CancelCause above = inherited();
            if (above == null) {
                return outcome != null; // an ended scope has forgotten its ancestors
            }
            decide(above);
        }
        return true;
    }

    /**
     * The end of the nearest ancestor whose end reaches this context. From an own end upwards a mere
     * completion does not.
     *
     * <p>What lies above an ancestor is looked up before its outcome: it forgets its ancestors after it
     * has ended, and a reader that came in between would see neither their end nor its own.
     */
    private @Nullable CancelCause inherited() {
        boolean outlives = spec.ownEnd();
        CancelScope above = parent();
        while (above != null) {
            CancelScope next = above.parent();
            CancelCause end = above.outcome;
            if (end != null && !(outlives && end.origin() instanceof CancelCause.Completed)) {
                return above.endForChildren(end);
            }
            outlives |= above.spec.ownEnd();
            above = next;
        }
        return null;
    }

    private @Nullable CancelScope parent() {
        return (CancelScope) PARENT.getAcquire(this);
    }

    /** After its own end: lets go of the ancestors that mean nothing to what is below it. */
    private void forgetAncestors() {
        CancelCause end = outcome;
        CancelScope before = parent();
        CancelScope above = before;
        if (end != null && !(end.origin() instanceof CancelCause.Completed)) {
            above = null; // no end from above reaches anything through this one
        }
        while (above != null && isCompleted(above.outcome)) {
            above = above.parent();
        }
        if (above != before) {
            PARENT.setRelease(this, above);
        }
    }

    private static boolean isCompleted(@Nullable CancelCause end) {
        return end != null && end.origin() instanceof CancelCause.Completed;
    }

    private CancelCause endForChildren(CancelCause end) {
        CancelCause.ParentCancelled shared = forChildren;
        if (shared == null) {
            shared =
                    end instanceof CancelCause.ParentCancelled same
                            ? same
                            : new CancelCause.ParentCancelled(end);
            forChildren = shared;
        }
        return shared;
    }

    private CancelCause exceeded() {
        return new CancelCause.DeadlineExceeded(
                new Deadline(runtime, atNanos), spec.reason(), spec.error());
    }

    /** The cause that holds from now on: this one, or the one that was first. */
    private CancelCause decide(CancelCause cause) {
        CancelCause before = (CancelCause) OUTCOME.compareAndExchange(this, null, cause);
        return before == null ? cause : before;
    }

    /** Timer thread. Decides at once; what there is to tell is told on a thread that may block. */
    private void expire() {
        decide(exceeded());
        Members list = members;
        if (list == Members.CLOSED || list == null && owner == null) {
            finish();
        } else {
            EndNotification.startOrRun(runtime, this::finish);
        }
    }

    /** After the outcome: gives back the timer and the place in the tree, then tells. Idempotent. */
    private void finish() {
        release();
        Members list = closeMembers();
        if (list != null) {
            EndNotification.tellOwner(owner, ownersLoader, outcome);
            EndNotification.tell(list);
        }
    }

    private void release() {
        ContextRuntime.Timeout timer = timeout;
        if (timer != null) {
            timer.cancel();
        }
        Members list = holder;
        if (list != null) {
            list.remove(this);
        }
        forgetAncestors();
    }

    /** The members, none perhaps, for the one caller that closed their list; null for all others. */
    private @Nullable Members closeMembers() {
        Members list = members;
        if (list == null) {
            list = (Members) MEMBERS.compareAndExchange(this, null, Members.CLOSED);
            if (list == null) {
                return Members.CLOSED;
            }
        }
        if (!list.close()) {
            return null;
        }
        members = Members.CLOSED;
        return list;
    }

    /** The parent's notification: ends this too, leaving to {@code toTell} what hangs in it. */
    void parentEnded(Members toTell) {
        if (settle() == null && attach()) {
            return; // it has an end of its own, and the next one up took it in
        }
        release();
        Members own = closeMembers();
        if (own != null) {
            EndNotification.tellOwner(owner, ownersLoader, outcome);
            toTell.splice(own);
        }
    }

    /**
     * Hangs this scope into the nearest ancestor that takes it. It may have ended meanwhile, by its
     * timer, its owner or a reader, and have looked for its place in the tree in vain: so it is looked
     * at again after it was hung in (publish, then check), and nothing that has ended stays in a list.
     *
     * @return false if it has ended, and the caller has to finish it
     */
    private boolean attach() {
        CancelScope nearest = parent();
        CancelScope above = nearest;
        while (above != null && !above.members().add(this)) {
            if (settle() != null) {
                return false;
            }
            above = above.parent();
        }
        if (above != nearest && outcome == null) {
            PARENT.setRelease(this, above); // those between have completed
        }
        return outcome == null;
    }

    private Members members() {
        Members list = members;
        if (list == null) {
            Members fresh = new Members();
            list = (Members) MEMBERS.compareAndExchange(this, null, fresh);
            if (list == null) {
                list = fresh;
            }
        }
        return list;
    }

    /** Arms the hook, or fires it when this context has ended. */
    void add(CancelHook hook) {
        if (settle() != null || !members().add(hook)) {
            hook.fire();
        }
    }

    @Override
    CancelScope scope() {
        return this;
    }

    @Override
    ContextRuntime runtime() {
        return runtime;
    }

    @Override
    public @Nullable Deadline deadline() {
        return deadlineOwner == null ? null : new Deadline(runtime, atNanos);
    }

    /** What this has ended with, or null; does not look at the clock or upwards. */
    @Nullable CancelCause outcome() {
        return outcome;
    }

    /** How many children and hooks hang in it; for tests. */
    int memberCount() {
        Members list = members;
        return list == null ? 0 : list.size();
    }
}

package dev.netpoll.tomcat;

import dev.netpoll.context.Binding;
import dev.netpoll.context.CancelCause;
import dev.netpoll.context.CancelScope;
import dev.netpoll.context.ContextLoader;
import dev.netpoll.context.ContextRuntime;
import dev.netpoll.context.CurrentContext;
import dev.netpoll.context.Deadline;
import dev.netpoll.context.task.OwnedWork;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.web.ProblemResponse;
import dev.netpoll.web.RequestContext;
import dev.netpoll.web.RequestContexts;
import dev.netpoll.web.RequestSettings;

import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * One request's context, from before its first filter until its response is out.
 *
 * <pre>
 * begun → entered        the valve, on the handler's thread; again for each asynchronous dispatch
 * entered → left         the valve, on the same thread
 * left → ended           the valve when the request is over, or the asynchronous listener; once
 *
 * while entered or left, once: the context ends early → after the hard grace the connector answers
 * </pre>
 *
 * <p>The leaf may be a child of the first scope: {@link #tighten} hangs a shorter deadline below it.
 * Handler-thread only, except {@link #leaf}, the cancelling itself, and what a cancel starts.
 *
 * <p>It is the owner of its scopes: one call, when one ends early, does what would be hooks for the
 * connection, the handler's interrupt and the overdue watch.
 */
final class TomcatRequestContext
        implements RequestContext, ResponseGate.Guard, Dispatch, Consumer<CancelCause> {

    /** Longer than most handlers take. */
    private static final long ASK_NANOS = 10_000_000;

    private final RequestContexts contexts;
    private final @Nullable NetpollSocketWrapper connection;
    private final String method;
    private final String target;
    private final OwnedWork work;
    private final CancelScope first;

    /** The innermost scope. Written by the handler's thread, read by anyone. */
    private volatile CancelScope leaf;

    /** Handler thread. */
    private @Nullable Binding binding;

    /** Handler thread; whether ending it was seen to. */
    private boolean awaitingAsync;

    /** Handler thread. */
    private boolean givenUp;

    /** Written before the peer is watched; only looked at, and whether it is closed is volatile. */
    private @Nullable Response response;

    /** Atomic enough: set by the one thread that ends it. */
    private volatile boolean ended;

    /**
     * Until when a cancel waits before the connector answers, or a FIN before its client is asked. Written
     * by what notices it; that a later one takes the place of an earlier one leaves that to {@link #ended}.
     */
    private volatile ContextRuntime.@Nullable Timeout timeout;

    /** The peer's FIN was here before the request began. Written before the peer is watched. */
    private boolean wasClosed;

    /** Told once when it ends early. Guarded by this. */
    private @Nullable Consumer<CancelCause> earlyEnd;

    /** What the connection had waited before this request, in nanoseconds. Handler thread. */
    private long readWaitBefore;

    private long writeWaitBefore;

    /**
     * A scope below {@code root}; it may have ended when it is made.
     *
     * @param target what is asked for: the path without parameters, perhaps with its query
     * @param limit how long it may take, or null
     */
    TomcatRequestContext(
            RequestContexts contexts,
            @Nullable NetpollSocketWrapper connection,
            CancelScope root,
            String method,
            String target,
            @Nullable Duration limit) {
        this.contexts = contexts;
        this.connection = connection;
        this.method = method;
        this.target = target;
        RequestSettings settings = contexts.settings();
        this.work = new OwnedWork(settings.overdue(), settings.interrupts(), this);
        this.first =
                limit == null
                        ? root.withCancel(this)
                        : root.withDeadline(Deadline.after(limit), reason(limit), this);
        this.leaf = first;
    }

    private static String reason(Duration limit) {
        return "request limit " + limit;
    }

    @Override
    public CancelScope context() {
        return leaf;
    }

    /** Ends it early, for somebody who looks after the server. From any thread. */
    void cancel(String why) {
        leaf.cancel(why);
        first.cancel(why);
    }

    @Override
    public void onEarlyEnd(Consumer<CancelCause> listener) {
        ClassLoader loader = ContextLoader.current();
        synchronized (this) {
            earlyEnd = cause -> ContextLoader.accept(loader, listener, cause);
        }
        CancelCause cause = leaf.cause();
        if (cause != null) {
            tellOfEarlyEnd(cause);
        }
    }

    private void tellOfEarlyEnd(CancelCause cause) {
        Consumer<CancelCause> listener;
        synchronized (this) {
            listener = earlyEnd;
            earlyEnd = null;
        }
        if (listener != null) {
            listener.accept(cause);
        }
    }

    @Override
    public void giveUp() {
        givenUp = true;
    }

    @Override
    public boolean isGivenUp() {
        return givenUp;
    }

    @Override
    public Duration readWait() {
        NetpollSocketWrapper wrapper = connection;
        return Duration.ofNanos(wrapper == null ? 0 : wrapper.readWaited() - readWaitBefore);
    }

    @Override
    public Duration writeWait() {
        NetpollSocketWrapper wrapper = connection;
        return Duration.ofNanos(wrapper == null ? 0 : wrapper.writeWaited() - writeWaitBefore);
    }

    @Override
    public String label() {
        return method + " " + target;
    }

    /** The label: made when somebody asks what runs here. */
    @Override
    public String toString() {
        return label();
    }

    @Override
    public void tighten(Duration limit) {
        Deadline current = leaf.deadline();
        Deadline wanted = Deadline.after(limit);
        if (current == null || wanted.compareTo(current) < 0) {
            leaf = leaf.withDeadline(wanted, reason(limit), this);
            if (binding != null) {
                CurrentContext.set(leaf);
            }
        }
    }

    // ---- on the handler's thread

    void begin(Request request) {
        // Where Tomcat looks when Catalina's own map has it not: a plain map, not a concurrent one
        // that
        // every request fills and empties, and none of the names that an application sees.
        request.getCoyoteRequest().setAttribute(ATTRIBUTE, this);
        NetpollSocketWrapper wrapper = connection;
        if (wrapper != null) {
            response = request.getResponse();
            wasClosed = wrapper.getSocket().peerClosed();
            wrapper.gate().guardedBy(this);
            readWaitBefore = wrapper.readWaited();
            writeWaitBefore = wrapper.writeWaited();
            watchPeer(wrapper);
        }
    }

    private void watchPeer(NetpollSocketWrapper wrapper) {
        NetpollConnection socket = wrapper.getSocket();
        switch (contexts.settings().peerClose()) {
            case FIN -> socket.whenPeerCloses(this);
            case RST -> socket.whenPeerResets(this);
            case IGNORE -> {}
        }
    }

    void enter() {
        binding = leaf.bind();
        work.enter();
    }

    void leave() {
        work.leave();
        Binding bound = binding;
        if (bound != null) {
            binding = null;
            bound.close();
        }
    }

    boolean awaitsAsync() {
        return awaitingAsync;
    }

    void awaitAsync() {
        awaitingAsync = true;
    }

    /** A thread is in the valve with it: what ends meanwhile is seen to when that thread leaves. */
    boolean isEntered() {
        return work.isEntered();
    }

    /** The request is over. */
    boolean isOver() {
        return ended;
    }

    /**
     * The request is over. Decides whether it was in time; {@link #countEnd} when it is answered, too.
     *
     * @return what ended it early, or null when it completed
     */
    @Nullable CancelCause end() {
        if (ended) {
            return null;
        }
        ended = true;
        NetpollSocketWrapper wrapper = connection;
        if (wrapper != null) {
            wrapper.getSocket().cancelWhenPeerCloses();
        }
        CancelScope inner = leaf;
        CancelCause cause = inner.tryComplete() ? null : inner.cause();
        if (inner != first) {
            first.tryComplete();
        }
        callOff();
        if (cause != null && wrapper != null) {
            wrapper.gate().endedEarly();
        }
        return cause;
    }

    /** It has ended and is answered: nobody waits for it any more. Once. */
    void countEnd(@Nullable CancelCause cause) {
        contexts.countEnd(cause == null ? CancelCause.Kind.COMPLETED : cause.origin().kind());
    }

    /** The response is out, or never will be. */
    void closeGate() {
        NetpollSocketWrapper wrapper = connection;
        if (wrapper != null) {
            wrapper.gate().end();
        }
    }

    /** Nearly always there is nothing; what is set after this look finds the request ended. */
    private void callOff() {
        ContextRuntime.Timeout set = timeout;
        if (set != null) {
            set.cancel();
        }
    }

    // ---- when it ends early

    /**
     * Started by the loop when the peer has closed its side, and once more when the connection is dead.
     * On a virtual thread of its own.
     */
    @Override
    public void run() {
        NetpollSocketWrapper wrapper = connection;
        Response answer = response;
        // A client that leaves with the whole response in hand has not walked out on the handler.
        if (wrapper == null || answer == null || answer.isClosed() || ended) {
            return;
        }
        if (mayWait(wrapper.getSocket())) {
            ask(answer);
        } else {
            wrapper.processing().nameThread("-disconnect-");
            leaf.cancel(wrapper.peerCause());
            first.cancel(wrapper.peerCause());
        }
    }

    /** Its FIN was there before the request, or came with it. */
    private boolean mayWait(NetpollConnection socket) {
        long window = contexts.settings().halfClose().toNanos();
        return !socket.peerReset() && window > 0 && (wasClosed || socket.finAfterBytes() < window);
    }

    /** Fast handlers answer before it is asked, and their clients see nothing of this. */
    private void ask(Response answer) {
        if (!answer.getCoyoteResponse().getRequest().protocol().equals("HTTP/1.1")) {
            return;
        }
        ContextRuntime runtime = ContextRuntime.system();
        timeout = runtime.schedule(runtime.nanoTime() + ASK_NANOS, () -> runtime.start(this::asks));
        if (ended) {
            callOff();
        }
    }

    private void asks() {
        NetpollSocketWrapper wrapper = connection;
        if (wrapper != null && !ended) {
            wrapper.answer().askWhetherRead();
        }
    }

    /**
     * One of its scopes has ended early. On whatever thread ends it; must not block. Perhaps before its
     * constructor is through.
     */
    @Override
    public void accept(CancelCause cause) {
        if (!ended && work.end(cause)) {
            tellOfEarlyEnd(cause);
            NetpollSocketWrapper wrapper = connection;
            if (wrapper != null) {
                CancelledEvent.record(label(), cause);
                answerAfterGrace(wrapper, cause);
            }
            work.tellInside();
        }
    }

    private void answerAfterGrace(NetpollSocketWrapper wrapper, CancelCause cause) {
        if (cause.origin() instanceof CancelCause.ClientDisconnected) {
            // What it sent is still there to be read, and nobody waits for an answer in time.
            return;
        }
        wrapper.getSocket().setReadDeadline(NetpollConnection.EXPIRED);
        ContextRuntime runtime = ContextRuntime.system();
        long at = runtime.nanoTime() + contexts.settings().hardGrace().toNanos();
        timeout = runtime.schedule(at, () -> runtime.start(this::answerHard));
    }

    /** The handler has gone on for the whole grace. On a virtual thread of its own. */
    private void answerHard() {
        CancelCause cause = work.cause();
        if (ended || cause == null) {
            return;
        }
        if (answerInstead(cause)) {
            contexts.countTakeOver(cause);
        }
    }

    private boolean answerInstead(CancelCause cause) {
        NetpollSocketWrapper wrapper = connection;
        return wrapper != null
                && wrapper.answer()
                        .sendAndCut(
                                ProblemResponse.of(contexts.settings().expiredStatus(), cause)
                                        .onTheWire());
    }

    /**
     * The writer asks, before the first byte: a response that comes too late never leaves. A client that
     * has only closed its side still reads what the handler answers.
     */
    @Override
    public boolean mayAnswer() {
        CancelCause cause = ended ? null : leaf.cause();
        if (cause == null
                || cause instanceof CancelCause.Completed
                || cause.origin() instanceof CancelCause.ClientDisconnected) {
            return true;
        }
        answerInstead(cause);
        return false;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.RequestDispatcher;

import org.apache.catalina.connector.CoyoteAdapter;
import org.apache.catalina.connector.Request;
import org.apache.coyote.ActionCode;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.RequestInfo;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.modeler.Registry;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.management.ObjectName;

/**
 * Tomcat's HTTP/1.1 processor. Tells its connection whether the response is over, has {@link NetpollRequest}s, and ends
 * asynchronous requests whose connection fails.
 *
 * <p>It never leaves a connection that is to be closed while an asynchronous request is open: the request's
 * listeners are told first. When another thread meets an I/O error of such a request:
 *
 * <pre>
 * an event is processed      the failure is kept; after the event, ERROR is processed, unless the request
 *                            is ending or the event closes the connection
 * between two events         Tomcat is told at once; the next event, whatever it is, is processed as ERROR
 * the connection closes      the asynchronous request ends first
 * </pre>
 *
 * <p>Such a processor is not used again (see {@link #retired}).
 */
final class NetpollHttp11Processor extends Http11Processor {

    /** An I/O error that makes the connection useless. */
    private record Failure(ErrorState state, @Nullable Throwable cause) {}

    /** Guards the three below. Taken before Tomcat's lock of the asynchronous state, never after it. */
    private final Object failures = new Object();

    /** The thread that processes an event of the connection; null between two events. */
    private volatile @Nullable Thread processing;

    /** What another thread met while an event of the connection was processed. */
    private @Nullable Failure pending;

    /** Tomcat knows of another thread's failure, and the event that follows from it is on its way. */
    private boolean failing;

    /**
     * Another thread has met an I/O error here. It may still be on its way out, and Tomcat's write then sets its
     * exception on the response of whatever request comes next: so none does. Written under the lock.
     */
    private volatile boolean retired;

    private final RequestMaker requests;
    private final ProcessorCache cache;
    private final HeadBuffer head;

    /** It has served since it was taken from the cache. By the thread that processes, or takes it. */
    private boolean served;

    /** Of the connection that it has served last. As {@link #served}. */
    private int loop;

    /** {@code headRoom}: for {@link HeadBuffer}. */
    NetpollHttp11Processor(
            AbstractHttp11Protocol<?> protocol,
            Adapter adapter,
            RequestMaker requests,
            ProcessorCache cache,
            byte[] headRoom) {
        super(protocol, new SettlingAdapter(adapter, requests));
        this.requests = requests;
        this.cache = cache;
        this.head = new HeadBuffer(getRequest(), headRoom);
        ResponseHead.installIn(this, response, protocol.getMaxHttpResponseHeaderSize());
    }

    // ---- asynchronous requests whose I/O fails on another thread

    /**
     * Tells Tomcat of an I/O error. One that another thread meets in an asynchronous request while the connection's
     * thread is on its way out waits for it: Tomcat would close the connection under the request, or throw, and the
     * request's listeners would never be told.
     */
    @Override
    protected void setErrorState(ErrorState state, @Nullable Throwable cause) {
        if (Thread.currentThread() == processing || state.isIoAllowed() || !isAsync()) {
            super.setErrorState(state, cause);
            return;
        }
        synchronized (failures) {
            retired = true;
            if (processing == null) {
                failing |= getErrorState().isIoAllowed();
                super.setErrorState(state, cause);
            } else if (pending == null) {
                pending = new Failure(state, cause);
            }
        }
    }

    @Override
    public SocketState process(SocketWrapperBase<?> connection, SocketEvent event)
            throws IOException {
        boolean goesOn = false;
        try {
            SocketState state = super.process(connection, begin(event));
            Failure failure = endOrFailure(state);
            while (failure != null) {
                super.setErrorState(failure.state(), failure.cause());
                state = super.process(connection, SocketEvent.ERROR);
                failure = endOrFailure(state);
            }
            goesOn = state != SocketState.CLOSED;
            return state;
        } finally {
            if (!goesOn) {
                closes();
            }
        }
    }

    /** The connection closes after this event: an asynchronous request that is still open ends first. */
    private void closes() throws IOException {
        try {
            if (isAsync()) {
                endAsync();
            }
            if (retired) {
                unregister();
            }
        } finally {
            end();
        }
    }

    /** From Tomcat's JMX beans. */
    void unregister() {
        RequestInfo info = getRequest().getRequestProcessor();
        info.setGlobalProcessor(null);
        ObjectName name = info.getRpName();
        if (name != null) {
            Registry.getRegistry(null).unregisterComponent(name);
            info.setRpName(null);
        }
    }

    /** Whether Tomcat's own cache does not get it: after an upgrade, and recycled where ours does, or nobody. */
    @Override
    public boolean isUpgrade() {
        return super.isUpgrade() || (isRecycled() && (retired || cache.isUsed()));
    }

    private boolean isRecycled() {
        return served && getSocketWrapper() == null;
    }

    /** The cache has given it away: it is about to serve. */
    void taken() {
        served = false;
    }

    /** Tomcat's handler looks for it among those that wait no more: also when it has let go of it, recycled. */
    void forgotten() {
        if (isRecycled() && !retired && cache.isUsed()) {
            cache.keep(this, loop);
        }
    }

    /** Any event but the one that follows from the failure would find a state that it can't go on from. */
    private SocketEvent begin(SocketEvent event) {
        synchronized (failures) {
            processing = Thread.currentThread();
            boolean failed = failing && isAsync();
            failing = false;
            return failed ? SocketEvent.ERROR : event;
        }
    }

    /** Ends the processing, unless something has failed meanwhile and nothing else ends the request. */
    private @Nullable Failure endOrFailure(SocketState state) {
        synchronized (failures) {
            Failure failure = pending;
            pending = null;
            if (failure != null && state != SocketState.CLOSED && isAsync() && !isAsyncEnding()) {
                return failure;
            }
            processing = null;
            return null;
        }
    }

    private void end() {
        synchronized (failures) {
            processing = null;
            pending = null;
        }
    }

    /**
     * Fails the asynchronous request, unless it is ending, as a write on another thread would. Under the connection's
     * lock, when no event is processed.
     */
    void failAsync(IOException cause) {
        if (isAsync() && !isAsyncEnding()) {
            setErrorState(ErrorState.CLOSE_CONNECTION_NOW, cause);
        }
    }

    // ---- requests

    /** Where requests are read. */
    HeadBuffer head() {
        return head;
    }

    @Override
    public SocketState service(SocketWrapperBase<?> connection) throws IOException {
        served = true; // not before: Tomcat asks isUpgrade, and sets the connection in what follows
        if (connection instanceof NetpollSocketWrapper wrapper) {
            loop = wrapper.getSocket().loop();
            wrapper.processing().answeredBy(this);
        }
        SocketState state = super.service(connection);
        boolean over = state == SocketState.OPEN || state == SocketState.CLOSED;
        if (over && !isAsync()) {
            requests.replace(getRequest());
        }
        return state;
    }

    /**
     * Ends an asynchronous request that its handler has started after an error, for which Tomcat now closes the
     * connection: it would forget the request, and the application would count it in progress for good.
     */
    private void endAsync() throws IOException {
        var _ = asyncPostProcess();
        if (isAsync()
                && getRequest().getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request) {
            Object cause = getRequest().getAttribute(RequestDispatcher.ERROR_EXCEPTION);
            request.getAsyncContextInternal()
                    .setErrorState(cause instanceof Throwable thrown ? thrown : null, true);
            var _ = asyncPostProcess();
        }
    }

    /**
     * Takes an asynchronous request on to its next state. Tomcat's state machine knows none after an error while the
     * request started, when its listeners have been told of that, and throws: here the request completes.
     */
    @Override
    public SocketState asyncPostProcess() throws IOException {
        try {
            return super.asyncPostProcess();
        } catch (IllegalStateException failedWhileItStarted) {
            action(ActionCode.ASYNC_COMPLETE, null);
            return super.asyncPostProcess();
        }
    }

    /**
     * Sends what is left before an asynchronous request completes. Tomcat's own drops the completion with the
     * exception when the client is gone just then: no listener is told, and the application counts a request in
     * progress for good. Here a client that takes nothing more does not keep its request from completing.
     */
    @Override
    protected boolean flushBufferedWrite() throws IOException {
        try {
            return super.flushBufferedWrite();
        } catch (IOException e) {
            if (!isAsyncEnding()) {
                throw e;
            }
            getSocketWrapper().setError(e);
            return false;
        }
    }

    private boolean isAsyncEnding() {
        AtomicBoolean ending = new AtomicBoolean();
        action(ActionCode.ASYNC_IS_COMPLETING, ending);
        if (!ending.get()) {
            action(ActionCode.ASYNC_IS_DISPATCHING, ending);
        }
        return ending.get();
    }

    /**
     * Whether the handler, or Catalina in its stead, has closed the response: what is flushed now is
     * its end. False, too, for what is answered before Catalina has a request.
     */
    boolean isResponseClosed() {
        return getRequest().getNote(CoyoteAdapter.ADAPTER_NOTES) instanceof Request request
                && request.getResponse().isClosed();
    }
}

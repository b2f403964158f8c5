// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;

import org.apache.coyote.Processor;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.SocketTimeoutException;

/**
 * Has Tomcat's processors serve one connection: the dispatch that the loop starts when bytes come, and what
 * is done when they have left the connection again.
 *
 * <pre>
 * armed       → processing   {@link #run}, by bytes, by the read deadline or by closing
 * processing  → armed        {@link #registerReadInterest}, by the processor or Tomcat's handler
 * processing  → closed       the processor says so, or fails
 * </pre>
 *
 * <p>Runs on virtual threads of the connection's loop. Processing holds Tomcat's lock of the wrapper.
 */
final class ConnectionProcessing implements Dispatch, WriteQueue.Rest {

    private static final Log LOG = LogFactory.getLog(ConnectionProcessing.class);

    /** Of its own, as with Tomcat's connectors: clients fail handshakes all day. */
    private static final Log HANDSHAKE_LOG =
            LogFactory.getLog(ConnectionProcessing.class.getName() + ".handshake");

    /** The connection whose event the calling thread is processing. */
    private static final ThreadLocal<@Nullable NetpollSocketWrapper> CURRENT = new ThreadLocal<>();

    /** Between the connector and the number in the name of a thread, as with Tomcat's own. */
    private static final String EXEC = "-exec-";

    private final NetpollSocketWrapper connection;
    private final NetpollTomcatEndpoint endpoint;
    private final ConnectionObservation observation;
    private final ProxyGreeting proxy;

    /** The number of the connection: its endpoint's first is 1. It ends the names of its threads. */
    private final int number;

    /** Made for the first non-blocking write that has to wait. Writer only. */
    private @Nullable Dispatch whenWritable;

    /** The virtual thread that is processing. Written by it, read by observers. */
    private volatile @Nullable Thread serving;

    /** The connection has had a request. Under the wrapper's lock. */
    private boolean keptAlive;

    /** Requests so far; pipelined ones that are served in one go are one. Under the wrapper's lock. */
    private int requests;

    /**
     * Makes the response under way; null between two requests. Written under the wrapper's lock, read
     * by the writer.
     */
    private @Nullable NetpollHttp11Processor answering;

    /** Where the connection has become a WebSocket; made by the first look at it. Under the wrapper's lock. */
    private @Nullable IdleWebSocket webSocket;

    /** The processor has ended the connection after a response, all of which is sent. On its thread. */
    private boolean inGoodOrder;

    ConnectionProcessing(
            NetpollSocketWrapper connection,
            NetpollTomcatEndpoint endpoint,
            ConnectionObservation observation,
            int number) {
        this.connection = connection;
        this.endpoint = endpoint;
        this.observation = observation;
        this.number = number;
        this.proxy = new ProxyGreeting(connection, endpoint, observation);
    }

    /** The connection whose event the calling thread is processing; null on other connectors. */
    static @Nullable NetpollSocketWrapper current() {
        return CURRENT.get();
    }

    /** Whether a thread is processing. Any thread. */
    boolean isServing() {
        return serving != null;
    }

    /** The thread that is processing; null for none. Any thread. */
    @Nullable Thread serving() {
        return serving;
    }

    /** Whether the processor has ended the connection after a whole response. */
    boolean isInGoodOrder() {
        return inGoodOrder;
    }

    // ---- events ---------------------------------------------------------------------------------

    /** The read dispatch was started: by data, by the read deadline, or by closing. */
    @Override
    public void run() {
        NetpollConnection socket = connection.getSocket();
        PollResult why = socket.readable();
        if (why == PollResult.CLOSING) {
            return;
        }
        nameThread(EXEC);
        socket.renewReadDeadline(NetpollConnection.NO_DEADLINE);
        if (why == PollResult.DEADLINE_EXCEEDED) {
            dispatchExpired();
            connection.setError(new SocketTimeoutException("read timed out"));
            readOr(SocketEvent.ERROR);
        } else {
            readOr(SocketEvent.OPEN_READ);
        }
    }

    /** Goes on with the operation that reads; has the processor process {@code event} where there is none. */
    private void readOr(SocketEvent event) {
        try {
            if (!connection.resumeRead()) {
                process(event);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("Reading failed on " + connection, e);
            connection.close();
            ExceptionUtils.handleThrowable(e);
        }
    }

    private void writable() {
        NetpollConnection socket = connection.getSocket();
        PollResult why = socket.writable();
        if (why == PollResult.CLOSING) {
            return;
        }
        nameThread(EXEC);
        socket.setWriteDeadline(NetpollConnection.NO_DEADLINE);
        if (why == PollResult.DEADLINE_EXCEEDED) {
            observation.writeExpired();
            connection.setError(new SocketTimeoutException("write timed out"));
            process(SocketEvent.ERROR);
        } else {
            process(SocketEvent.OPEN_WRITE);
        }
    }

    /** While no thread was reading: between two requests, within a header or an asynchronous read. */
    private void dispatchExpired() {
        connection.getLock().lock();
        try {
            if (connection.isClosed()) {
                return;
            }
            switch (connection.getCurrentProcessor()) {
                case Processor p when p.isAsync() || p.isUpgrade() ->
                        observation.expired(DeadlineKind.READ);
                case Processor _ -> observation.expired(DeadlineKind.HEADER);
                case null, default -> observation.expired(restingKind());
            }
        } finally {
            connection.getLock().unlock();
        }
    }

    private DeadlineKind restingKind() {
        if (proxy.isAwaited()) {
            return DeadlineKind.PROXY;
        }
        return keptAlive ? DeadlineKind.KEEP_ALIVE : DeadlineKind.HEADER;
    }

    void process(SocketEvent event) {
        connection.getLock().lock();
        try {
            serving = Thread.currentThread(); // before the look at the close: see StopOfRequests
            if (!connection.isClosed()) {
                begins(event);
                NetpollSocketWrapper outer = CURRENT.get();
                CURRENT.set(connection);
                try {
                    handle(event);
                } finally {
                    CURRENT.set(outer);
                }
            }
        } finally {
            serving = null;
            connection.getLock().unlock();
        }
    }

    /** Fails the asynchronous request with this context, if it is still under way. On a thread of its own. */
    void failAsync(TomcatRequestContext request, IOException cause) {
        connection.getLock().lock();
        try {
            NetpollHttp11Processor processor = answering;
            boolean current = connection.request() == request && !request.isOver();
            if (!connection.isClosed() && processor != null && current) {
                processor.failAsync(cause);
            }
        } finally {
            connection.getLock().unlock();
        }
    }

    private void begins(SocketEvent event) {
        boolean fresh = event == SocketEvent.OPEN_READ && connection.getCurrentProcessor() == null;
        requests += fresh ? 1 : 0;
        observation.serves(event, fresh ? requests : 0);
    }

    /** How long the first bytes may take, where otherwise it is {@code timeoutMillis}. */
    int begin(int timeoutMillis) {
        return proxy.begin(timeoutMillis);
    }

    private void handle(SocketEvent event) {
        try {
            if (proxy.isAwaited() && !proxy.hasSpoken(event)) {
                return;
            }
            SocketEvent told = secured(event);
            if (told == SocketEvent.OPEN_READ) {
                endpoint.provideProcessor(connection);
            }
            if (webSocket != null) {
                webSocket.hold();
            }
            SocketState state = endpoint.getHandler().process(connection, told);
            if (connection.getCurrentProcessor() != answering) {
                answering = null;
            }
            if (state == SocketState.CLOSED) {
                inGoodOrder = settle() && event != SocketEvent.ERROR && !isLate(told);
                connection.close();
            } else {
                keptAlive |= state == SocketState.OPEN;
                observation.rests();
                connection.tellOfPause();
            }
        } catch (VirtualMachineError e) {
            ExceptionUtils.handleThrowable(e);
        } catch (Throwable t) {
            LOG.error("Processing " + event + " failed on " + connection, t);
            connection.close();
        }
    }

    /** Has the handshake first, where there has been none; what the processor is told of then. */
    private SocketEvent secured(SocketEvent event) {
        TlsStream tls = connection.tls();
        if (tls == null || tls.state() != TlsStream.State.NEW) {
            return event;
        }
        if (event != SocketEvent.OPEN_READ) {
            return SocketEvent.CONNECT_FAIL;
        }
        try {
            tls.handshake(connection, endpoint);
            return event;
        } catch (IOException e) {
            if (e instanceof SocketTimeoutException) {
                observation.expired(DeadlineKind.HANDSHAKE);
                connection.setError(e);
            }
            HANDSHAKE_LOG.debug("The TLS handshake failed on " + connection, e);
            return SocketEvent.CONNECT_FAIL;
        }
    }

    /** Whether the handshake has failed because its time was over: such a client is not waited for. */
    private boolean isLate(SocketEvent told) {
        return told == SocketEvent.CONNECT_FAIL
                && connection.getError() instanceof SocketTimeoutException;
    }

    // ---- threads --------------------------------------------------------------------------------

    /** Names the calling thread, one that the engine has started for this connection. */
    void nameThread(String role) {
        Thread.currentThread().setName(threadName(role));
    }

    private String threadName(String role) {
        return endpoint.getName() + role + number;
    }

    /** Runs {@code task}, which may be an application's, on a virtual thread of the connection's loop. */
    void fork(Runnable task) {
        connection.getSocket().fork(threadName(EXEC), task);
    }

    /** The same for what is new here, and waits for its turn: a stream. */
    void begin(Runnable task) {
        connection.getSocket().begin(threadName(EXEC), task);
    }

    // ---- the end of a response ------------------------------------------------------------------

    /** {@code processor} has begun to read a request here. */
    void answeredBy(NetpollHttp11Processor processor) {
        answering = processor;
    }

    /** Where the processor of the request under way reads; null for none, or another protocol's. Reader only. */
    @Nullable HeadBuffer head() {
        NetpollHttp11Processor processor = answering;
        return processor == null ? null : processor.head();
    }

    /** Whether the response under way is complete, so that the next flush is its last. */
    boolean isResponseClosed() {
        return answering != null && answering.isResponseClosed();
    }

    private boolean settle() {
        try {
            connection.settle();
            return true;
        } catch (IOException e) {
            LOG.debug("The client did not wait for the end of its response", e);
            return false;
        }
    }

    /** The socket is full, or gone, at the end of a response: a virtual thread sees to it. */
    @Override
    public void deferredSendStuck() {
        fork(this::sendTheRest);
    }

    private void sendTheRest() {
        connection.getLock().lock();
        try {
            if (!connection.isClosed()) {
                connection.settle();
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client did not take the end of its response", e);
            endsBy(e instanceof IOException io ? io : new IOException(e));
        } finally {
            connection.getLock().unlock();
        }
    }

    /** A virtual thread waits for the room, or makes the records that a carrier must not make. */
    @Override
    public void batchStuck() {
        fork(this::sendTheBatch);
    }

    private void sendTheBatch() {
        try {
            if (!connection.isClosed()) {
                connection.sendTheRest();
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client did not take what was written", e);
            connection.setError(e instanceof IOException io ? io : new IOException(e));
            process(SocketEvent.ERROR);
        }
    }

    /** Between two events: an asynchronous request, if there is one, is told of the error before the close. */
    private void endsBy(IOException error) {
        if (connection.getCurrentProcessor() instanceof Processor processor
                && processor.isAsync()) {
            connection.setError(error);
            process(SocketEvent.ERROR);
        } else {
            connection.close();
        }
    }

    /** Not while it is served. On the utility thread. */
    void lookAtRest() {
        if (connection.getCurrentProcessor() instanceof Processor upgraded
                && upgraded.isUpgrade()
                && connection.getLock().tryLock()) {
            try {
                if (!connection.isClosed()) {
                    look(upgraded, connection.getSocket().received());
                }
            } finally {
                connection.getLock().unlock();
            }
        }
    }

    private void look(Processor upgraded, long received) {
        if (webSocket == null) {
            webSocket = IdleWebSocket.of(upgraded, received);
        } else {
            webSocket.look(received);
        }
    }

    // ---- waiting without a thread ---------------------------------------------------------------

    void registerReadInterest() {
        NetpollConnection socket = connection.getSocket();
        observation.armed(connection.getReadTimeout());
        if (connection.stream().holdsUnread()) {
            socket.setReadDeadline(NetpollConnection.NO_DEADLINE);
            fork(() -> readOr(SocketEvent.OPEN_READ));
            return;
        }
        connection.stream().rest();
        socket.setReadDeadline(Timeouts.deadline(socket, connection.getReadTimeout()));
        socket.whenReadable(this);
    }

    /** {@code roomNow}: no byte is left that could fill the socket, so no edge tells of room again. */
    void registerWriteInterest(boolean roomNow) {
        Dispatch dispatch = whenWritable;
        if (dispatch == null) {
            dispatch = this::writable;
            whenWritable = dispatch;
        }
        NetpollConnection socket = connection.getSocket();
        if (roomNow) {
            socket.fork(dispatch);
        } else {
            socket.setWriteDeadline(Timeouts.deadline(socket, connection.getWriteTimeout()));
            socket.whenWritable(dispatch);
        }
    }
}

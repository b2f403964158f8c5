package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.engine.FileSource;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.io.Dispatch;
import dev.netpoll.engine.io.PollResult;

import org.apache.coyote.Processor;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.ExceptionUtils;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SendfileState;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A connection as Tomcat's processors see it.
 *
 * <p>Between two requests it is an armed dispatch: no thread, no processor, no buffer. When bytes
 * come, {@link #run} starts on a virtual thread of the connection's loop. Reads go from the kernel
 * straight into the processor's own buffer; writes are gathered in a borrowed buffer until they are
 * flushed, so that a response is one send.
 *
 * <p>Processing holds Tomcat's lock of the wrapper. Reading and writing belong to one thread each, as
 * the servlet specification has it; any thread may close.
 */
final class NetpollSocketWrapper extends SocketWrapperBase<NetpollConnection>
        implements Dispatch, ReadSide.Observer, WriteQueue.Observer {

    private static final Log LOG = LogFactory.getLog(NetpollSocketWrapper.class);

    /**
     * What processors ask for the size of: with no socket buffer of ours, this much is what a request
     * body may use of the header buffer at the least.
     */
    private static final SocketBufferHandler NO_BUFFERS = new SocketBufferHandler(1024, 0, false);

    private static final byte[] INTERIM =
            "HTTP/1.1 100 \r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

    /** The connection whose event the calling thread is processing. */
    private static final ThreadLocal<@Nullable NetpollSocketWrapper> PROCESSING =
            new ThreadLocal<>();

    /** Between the connector and the number in the name of a thread, as with Tomcat's own. */
    private static final String EXEC = "-exec-";

    private final NetpollTomcatEndpoint endpoint;
    private final ResponseGate gate = new ResponseGate();
    private final ReadSide reads;
    private final WriteQueue writes;

    /** Made for the first non-blocking write that has to wait. Writer only. */
    private @Nullable Dispatch whenWritable;

    private final long openedAt;

    /** The number of the connection: its endpoint's first is 1. It ends the names of its threads. */
    private final int number;

    /** A virtual thread is processing. Written by it, read by observers. */
    private volatile boolean serving;

    /** It has had a request. Under the wrapper's lock. */
    private boolean keptAlive;

    /** Requests so far; pipelined ones that are served in one go are one. Under the wrapper's lock. */
    private int requests;

    /** An operator has named it for {@link ConnectionTrace}. Any thread. */
    private volatile boolean named;

    /** So have all been, at the last look. Written by begin and under the lock, read by anyone. */
    private volatile boolean traced;

    /**
     * Makes the response under way; null between two requests. Written under the wrapper's lock, read
     * by the writer.
     */
    private @Nullable NetpollHttp11Processor answering;

    /** Its processor has ended it after a response, all of which is sent. On the connection's thread. */
    private boolean inGoodOrder;

    /** Who ends it, where that is known before it ends. Any thread. */
    private volatile @Nullable ClosedBy closedBy;

    NetpollSocketWrapper(NetpollConnection connection, NetpollTomcatEndpoint endpoint, int number) {
        super(connection, endpoint);
        this.endpoint = endpoint;
        this.number = number;
        this.openedAt = connection.engine().ticker().nanoTime();
        this.reads = new ReadSide(connection, this);
        this.writes = new WriteQueue(connection, gate, this);
        socketBufferHandler = NO_BUFFERS;
        if (endpoint.getUnixDomainSocketPath() != null) {
            pretendLocalhost();
        }
    }

    /** A Unix domain socket has no such thing; what reads these values expects some, as with NIO. */
    private void pretendLocalhost() {
        localAddr = "127.0.0.1";
        localName = "localhost";
        localPort = 0;
        remoteAddr = "127.0.0.1";
        remoteHost = "localhost";
        remotePort = 0;
    }

    void begin(int timeoutMillis, int maxKeepAliveRequests) {
        setReadTimeout(timeoutMillis);
        setWriteTimeout(timeoutMillis);
        setKeepAliveLeft(maxKeepAliveRequests);
        lookAtTrace();
        if (isTraced()) {
            ConnectionTrace.accepted(this);
        }
        registerReadInterest();
    }

    /** The connection whose event the calling thread is processing; null on other connectors. */
    static @Nullable NetpollSocketWrapper processing() {
        return PROCESSING.get();
    }

    ResponseGate gate() {
        return gate;
    }

    /** Why the peer's end of the connection is gone. */
    CancelCause.ClientDisconnected peerCause() {
        NetpollConnection connection = getSocket();
        if (!connection.peerReset()) {
            return new CancelCause.ClientDisconnected(CancelCause.ClientDisconnected.How.FIN, null);
        }
        String errno = connection.pendingError();
        return errno == null || errno.equals("ECONNRESET") || errno.equals("EPIPE")
                ? new CancelCause.ClientDisconnected(CancelCause.ClientDisconnected.How.RST, errno)
                : new CancelCause.ClientDisconnected(
                        CancelCause.ClientDisconnected.How.ERROR, errno);
    }

    /**
     * Answers in the handler's stead if nothing of its response has left, and ends the connection
     * either way. From any thread; the handler's next read or write fails.
     *
     * @return false when the response had been decided otherwise before
     */
    boolean answerAndCut(byte[] response) {
        switch (gate.takeOver()) {
            case OPEN -> {
                answerInstead(response);
                return true;
            }
            case SENT -> {
                getSocket().shutdownBoth();
                return true;
            }
            case ENDED, ASKING, ANSWERING, CUT -> {
                return false;
            }
        }
        throw new AssertionError("unreachable: the switch is exhaustive");
    }

    /** The gate is OPEN only while nothing is owed to the client: see {@link #settleBefore}. */
    private void answerInstead(byte[] response) {
        try {
            getSocket().tryWrite(ByteBuffer.wrap(response));
            getSocket().shutdownWrite();
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client did not wait for the answer", e);
        } finally {
            gate.answered();
        }
    }

    /**
     * Sends an interim response if nothing of the handler's has left: a client that is gone resets the
     * connection, one that has only stopped sending discards it (RFC 9110, 15.2.1). From any thread.
     */
    void askWhetherRead() {
        if (!gate.ask()) {
            return; // what has left of the response asks the same
        }
        ByteBuffer interim = ByteBuffer.wrap(INTERIM);
        try {
            getSocket().tryWrite(interim);
        } catch (IOException | IllegalStateException e) {
            LOG.debug("The client is gone", e);
        } finally {
            gate.asked();
        }
        if (interim.hasRemaining() && interim.position() > 0) {
            getSocket().shutdownBoth(); // half of it would spoil the response
        }
    }

    boolean isServing() {
        return serving;
    }

    /** How many nanoseconds threads have waited here for the peer's bytes. On the reader's thread. */
    long readWaited() {
        return reads.waited();
    }

    /** How many nanoseconds threads have waited here for room to write. On the writer's thread. */
    long writeWaited() {
        return writes.waited();
    }

    // ---- for the observer -----------------------------------------------------------------------

    /** When it was accepted, by the engine's ticker. */
    long openedAt() {
        return openedAt;
    }

    /** The request under way, where requests have contexts. */
    @Nullable TomcatRequestContext request() {
        return gate.guard() instanceof TomcatRequestContext scope ? scope : null;
    }

    /** An operator wants its changes of state logged, or no longer. */
    void name(boolean wanted) {
        named = wanted;
    }

    boolean isNamed() {
        return named;
    }

    private boolean isTraced() {
        return named || traced;
    }

    private void lookAtTrace() {
        boolean wanted = ConnectionTrace.isOfEveryone();
        if (traced != wanted) {
            traced = wanted;
        }
    }

    /** An operator wants it gone. */
    void closeByOperator() {
        closedBy = ClosedBy.OPERATOR;
        TomcatRequestContext scope = request();
        if (scope != null) {
            scope.cancel("closed by an operator");
        }
        getSocket().shutdownBoth();
    }

    /** A deadline of the connection's own has passed; the request's is no matter of its. */
    private void expired(DeadlineKind kind) {
        TomcatRequestContext scope = request();
        if (scope == null || !scope.context().isCancelled()) {
            closedBy = ClosedBy.DEADLINE;
            endpoint.counters().expired(kind);
            if (isTraced()) {
                ConnectionTrace.tell(this, "deadline passed: " + kind.tag());
            }
        }
    }

    @Override
    public void writeWaits(long timeoutMillis) {
        if (isTraced()) {
            ConnectionTrace.waits(this, ConnectionState.WRITING, timeoutMillis);
        }
    }

    @Override
    public void writeExpired() {
        expired(DeadlineKind.WRITE);
    }

    /** While nobody was reading: between two requests, within a header or an asynchronous read. */
    private void dispatchExpired() {
        getLock().lock();
        try {
            if (isClosed()) {
                return;
            }
            switch (getCurrentProcessor()) {
                case Processor p when p.isAsync() || p.isUpgrade() -> expired(DeadlineKind.READ);
                case Processor _ -> expired(DeadlineKind.HEADER);
                case null, default ->
                        expired(keptAlive ? DeadlineKind.KEEP_ALIVE : DeadlineKind.HEADER);
            }
        } finally {
            getLock().unlock();
        }
    }

    private ClosedBy closedBy() {
        ClosedBy known = closedBy;
        if (known != null) {
            return known;
        }
        TomcatRequestContext scope = request();
        CancelCause cause = scope == null ? null : scope.context().cause();
        if (cause != null && cause.isDeadline()) {
            return ClosedBy.DEADLINE;
        }
        if (getSocket().peerClosed()) {
            return ClosedBy.PEER;
        }
        return endpoint.isRunning() ? ClosedBy.SERVER : ClosedBy.SHUTDOWN;
    }

    // ---- processing, on a virtual thread --------------------------------------------------------

    /** The read dispatch was started: by data, by the read deadline, or by closing. */
    @Override
    public void run() {
        NetpollConnection connection = getSocket();
        PollResult why = connection.readable();
        if (why == PollResult.CLOSING) {
            return;
        }
        nameThread(EXEC);
        connection.renewReadDeadline(NetpollConnection.NO_DEADLINE);
        if (why == PollResult.DEADLINE_EXCEEDED) {
            dispatchExpired();
            setError(new SocketTimeoutException("read timed out"));
            process(SocketEvent.ERROR);
        } else {
            process(SocketEvent.OPEN_READ);
        }
    }

    private void writable() {
        PollResult why = getSocket().writable();
        if (why == PollResult.CLOSING) {
            return;
        }
        nameThread(EXEC);
        getSocket().setWriteDeadline(NetpollConnection.NO_DEADLINE);
        if (why == PollResult.DEADLINE_EXCEEDED) {
            writeExpired();
            setError(new SocketTimeoutException("write timed out"));
            process(SocketEvent.ERROR);
        } else {
            process(SocketEvent.OPEN_WRITE);
        }
    }

    /** Names the calling thread, one that the engine has started for this connection. */
    void nameThread(String role) {
        Thread.currentThread().setName(threadName(role));
    }

    private String threadName(String role) {
        return endpoint.getName() + role + number;
    }

    /** Runs {@code task}, which may be an application's, on a virtual thread of the connection's loop. */
    void fork(Runnable task) {
        getSocket().fork(threadName(EXEC), task);
    }

    /** What {@code AsyncContext.start} comes to. */
    @Override
    public void execute(Runnable task) {
        if (!endpoint.isRunning()) {
            throw new RejectedExecutionException("The connector has stopped");
        }
        fork(task);
    }

    void process(SocketEvent event) {
        getLock().lock();
        try {
            if (!isClosed()) {
                serving = true;
                begins(event);
                NetpollSocketWrapper outer = PROCESSING.get();
                PROCESSING.set(this);
                try {
                    handle(event);
                } finally {
                    PROCESSING.set(outer);
                }
            }
        } finally {
            serving = false;
            getLock().unlock();
        }
    }

    private void begins(SocketEvent event) {
        boolean fresh = event == SocketEvent.OPEN_READ && getCurrentProcessor() == null;
        requests += fresh ? 1 : 0;
        lookAtTrace();
        if (isTraced()) {
            ConnectionTrace.serves(this, event, fresh ? requests : 0);
        }
    }

    private void handle(SocketEvent event) {
        try {
            SocketState state = endpoint.getHandler().process(this, event);
            if (getCurrentProcessor() != answering) {
                answering = null;
            }
            if (state == SocketState.CLOSED) {
                inGoodOrder = settle() && event != SocketEvent.ERROR;
                close();
            } else {
                keptAlive |= state == SocketState.OPEN;
                if (isTraced()) {
                    ConnectionTrace.rests(this);
                }
            }
        } catch (VirtualMachineError e) {
            ExceptionUtils.handleThrowable(e);
        } catch (Throwable t) {
            LOG.error("Processing " + event + " failed on " + this, t);
            close();
        }
    }

    /** The processor has begun to read a request here. */
    void answeredBy(NetpollHttp11Processor processor) {
        answering = processor;
    }

    /**
     * Before a request is served: the end of the response before it has left. So no answer of the
     * connector's overtakes it, and it does not wait for what the next handler does. On the
     * connection's virtual thread.
     *
     * @throws IOException when the client does not take it in time
     */
    void settleBefore() throws IOException {
        writes.settle(getWriteTimeout());
    }

    private boolean settle() {
        try {
            writes.settle(getWriteTimeout());
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
        getLock().lock();
        try {
            if (!isClosed()) {
                writes.settle(getWriteTimeout());
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client did not take the end of its response", e);
            close();
        } finally {
            getLock().unlock();
        }
    }

    @Override
    public void registerReadInterest() {
        if (!isClosed()) {
            NetpollConnection connection = getSocket();
            if (isTraced()) {
                ConnectionTrace.armed(this, getReadTimeout());
            }
            connection.setReadDeadline(Timeouts.deadline(connection, getReadTimeout()));
            connection.whenReadable(this);
        }
    }

    @Override
    public void registerWriteInterest() {
        if (!isClosed()) {
            Dispatch dispatch = whenWritable;
            if (dispatch == null) {
                dispatch = this::writable;
                whenWritable = dispatch;
            }
            if (isWritableNow()) {
                // Nothing is left that could fill the socket and bring an edge when there is room
                // again.
                getSocket().fork(dispatch);
            } else {
                getSocket().setWriteDeadline(Timeouts.deadline(getSocket(), getWriteTimeout()));
                getSocket().whenWritable(dispatch);
            }
        }
    }

    private boolean isWritableNow() {
        try {
            return writes.tryFlush();
        } catch (IOException e) {
            return true; // and whoever writes next is told
        }
    }

    // ---- reading --------------------------------------------------------------------------------

    @Override
    public int read(boolean block, byte[] b, int off, int len) throws IOException {
        return read(block, ByteBuffer.wrap(b, off, len));
    }

    @Override
    public int read(boolean block, ByteBuffer to) throws IOException {
        int n = reads.takeUnread(to);
        if (n == 0) {
            checkOpen();
            n = block ? reads.read(to, this, getReadTimeout()) : reads.tryRead(to);
        }
        return n;
    }

    /** Whoever finds the peer gone says so for {@link #closedBy}. */
    @Override
    public void peerIsGone() {
        if (closedBy == null) {
            closedBy = ClosedBy.PEER;
        }
        if (isTraced()) {
            ConnectionTrace.tell(this, "the peer is gone");
        }
    }

    @Override
    public void readWaits(long timeoutMillis) {
        if (isTraced()) {
            ConnectionTrace.waits(this, ConnectionState.READING, timeoutMillis);
        }
    }

    @Override
    public void readExpired() {
        expired(DeadlineKind.READ);
    }

    @Override
    public void unRead(@Nullable ByteBuffer returned) {
        if (returned != null && returned.hasRemaining()) {
            reads.giveBack(returned);
        }
    }

    @Override
    public boolean isReadyForRead() throws IOException {
        checkOpen();
        return reads.isReady();
    }

    @Override
    public void setAppReadBufHandler(ApplicationBufferHandler handler) {
        // For connectors that read ahead of the processor. This one does not.
    }

    private void checkOpen() throws IOException {
        if (isClosed()) {
            throw new ClosedChannelException();
        }
    }

    // ---- writing --------------------------------------------------------------------------------

    @Override
    protected void writeBlocking(byte[] buf, int off, int len) throws IOException {
        writeBlocking(ByteBuffer.wrap(buf, off, len));
    }

    @Override
    protected void writeBlocking(ByteBuffer from) throws IOException {
        checkOpen();
        writes.add(from, getWriteTimeout());
    }

    @Override
    protected void writeNonBlocking(byte[] buf, int off, int len) throws IOException {
        writeNonBlocking(ByteBuffer.wrap(buf, off, len));
    }

    @Override
    protected void writeNonBlocking(ByteBuffer from) throws IOException {
        checkOpen();
        writes.tryAdd(from);
    }

    @Override
    protected void flushBlocking() throws IOException {
        checkOpen();
        if (answering != null && answering.isResponseClosed()) {
            writes.flushLast(getWriteTimeout());
        } else {
            writes.flush(getWriteTimeout());
        }
    }

    @Override
    protected boolean flushNonBlocking() throws IOException {
        checkOpen();
        return !writes.tryFlush();
    }

    @Override
    protected void doWrite(boolean block, ByteBuffer from) throws IOException {
        if (block) {
            writeBlocking(from);
            flushBlocking();
        } else {
            writeNonBlocking(from);
        }
    }

    @Override
    public boolean hasDataToWrite() {
        return !writes.isEmpty();
    }

    @Override
    public boolean canWrite() {
        if (isClosed()) {
            throw new IllegalStateException("The connection is closed");
        }
        return writes.hasRoom();
    }

    // ---- sendfile -------------------------------------------------------------------------------

    @Override
    public SendfileDataBase createSendfileData(String filename, long pos, long length) {
        return new NetpollSendfile(filename, pos, length);
    }

    /** Sends all of it, parked whenever the socket is full: what comes next is the processor's. */
    @Override
    public SendfileState processSendfile(SendfileDataBase data) {
        try (FileSource file = getSocket().openFile(data.fileName)) {
            writes.flush(getWriteTimeout());
            while (data.length > 0) {
                long sent = getSocket().trySend(file, data.pos, data.length);
                data.pos += sent;
                data.length -= sent;
                if (sent == 0 && data.pos >= file.size()) {
                    throw new EOFException(data.fileName + " is shorter than was promised");
                }
                if (sent == 0) {
                    writes.awaitRoom(getWriteTimeout());
                }
            }
            return SendfileState.DONE;
        } catch (IOException e) {
            if (LOG.isDebugEnabled()) {
                LOG.debug("Sending " + data.fileName + " failed on " + this, e);
            }
            return SendfileState.ERROR;
        }
    }

    // ---- closing --------------------------------------------------------------------------------

    @Override
    protected void doClose() {
        ClosedBy by = closedBy();
        endpoint.counters().closed(by);
        if (isTraced()) {
            ConnectionTrace.tell(this, "closed by " + by.tag());
        }
        try {
            writes.reclaim();
            gate.awaitAnswered();
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client did not wait for the end of its response", e);
        } finally {
            endpoint.connectionClosed(getSocket());
            closeSocket();
        }
    }

    /**
     * Bytes that come after a close(2) reset the connection: where there is a response, it lingers. Not
     * where SO_LINGER is set: then the kernel closes as it says.
     */
    private void closeSocket() {
        boolean lingers = inGoodOrder && endpoint.getConnectionLinger() < 0;
        if (!lingers || !LingeringClose.begin(getSocket(), endpoint.lingering())) {
            getSocket().close();
        }
    }

    // ---- addresses ------------------------------------------------------------------------------

    @Override
    protected void populateRemoteAddr() {
        if (getSocket().remoteAddress() instanceof InetSocketAddress remote) {
            remoteAddr = remote.getAddress().getHostAddress();
            remotePort = remote.getPort();
        }
    }

    @Override
    protected void populateRemoteHost() {
        if (getSocket().remoteAddress() instanceof InetSocketAddress remote) {
            InetAddress address = remote.getAddress();
            remoteHost = address.getHostName();
            remoteAddr = address.getHostAddress();
        }
    }

    @Override
    protected void populateRemotePort() {
        if (getSocket().remoteAddress() instanceof InetSocketAddress remote) {
            remotePort = remote.getPort();
        }
    }

    @Override
    protected void populateLocalName() {
        if (getSocket().localAddress() instanceof InetSocketAddress local) {
            localName = local.getAddress().getHostName();
        }
    }

    @Override
    protected void populateLocalAddr() {
        if (getSocket().localAddress() instanceof InetSocketAddress local) {
            localAddr = local.getAddress().getHostAddress();
        }
    }

    @Override
    protected void populateLocalPort() {
        if (getSocket().localAddress() instanceof InetSocketAddress local) {
            localPort = local.getPort();
        }
    }

    // ---- what is not offered --------------------------------------------------------------------

    @Override
    public @Nullable SSLSupport getSslSupport() {
        return null;
    }

    @Override
    public void doClientAuth(SSLSupport sslSupport) {
        throw new UnsupportedOperationException("There is no TLS on this connector");
    }

    @Override
    protected <A> OperationState<A> newOperationState(
            boolean read,
            ByteBuffer[] buffers,
            int offset,
            int length,
            BlockingMode block,
            long timeout,
            TimeUnit unit,
            A attachment,
            CompletionCheck check,
            CompletionHandler<Long, ? super A> handler,
            Semaphore semaphore,
            VectoredIOCompletionHandler<A> completion) {
        throw new UnsupportedOperationException("hasAsyncIO() is false");
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.context.CancelCause;
import dev.netpoll.engine.NetpollConnection;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SendfileDataBase;
import org.apache.tomcat.util.net.SendfileState;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/**
 * A connection as Tomcat's processors see it.
 *
 * <p>Between two requests it is an armed dispatch: no thread, no processor, no buffer. When bytes
 * come, {@link ConnectionProcessing} starts on a virtual thread of the connection's loop. Reads go from the
 * kernel straight into the processor's own buffer; writes are gathered in a borrowed buffer until they are
 * flushed, so that a response is one send. {@link ConnectionObservation} tells what is seen of it.
 *
 * <p>Reading and writing belong to one thread each, as the servlet specification has it; any thread may
 * close.
 */
final class NetpollSocketWrapper extends VectoredSocketWrapper {

    private static final Log LOG = LogFactory.getLog(NetpollSocketWrapper.class);

    /** Processors ask for its size: so much of the header buffer a request body may use at the least. */
    static final SocketBufferHandler NO_BUFFERS = new SocketBufferHandler(1024, 0, false);

    private final NetpollTomcatEndpoint endpoint;
    private final ResponseGate gate = new ResponseGate();
    private final ByteStream stream;
    private final ReadSide reads;
    private final WriteQueue writes;

    private final ConnectionObservation observation;
    private final ConnectionProcessing processing;

    /** Named by a proxy. Written before the first request, read by observers. */
    private volatile @Nullable InetSocketAddress client;

    NetpollSocketWrapper(NetpollConnection connection, NetpollTomcatEndpoint endpoint, int number) {
        super(connection, endpoint);
        this.endpoint = endpoint;
        this.observation =
                new ConnectionObservation(this, endpoint, connection.engine().ticker().nanoTime());
        this.processing = new ConnectionProcessing(this, endpoint, observation, number);
        this.stream =
                endpoint.isSSLEnabled() ? new TlsStream(connection) : new PlainStream(connection);
        this.reads = new ReadSide(connection, stream, observation);
        this.writes = new WriteQueue(connection, stream, gate, observation, processing);
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
        setReadTimeout(processing.begin(timeoutMillis));
        setWriteTimeout(timeoutMillis);
        setKeepAliveLeft(maxKeepAliveRequests);
        observation.accepted();
        registerReadInterest();
    }

    /** A proxy has named its client: the peer from now on. */
    void proxied(InetSocketAddress named) {
        client = named;
        remoteAddr = named.getAddress().getHostAddress();
        remotePort = named.getPort();
        remoteHost = null;
    }

    /** Where the client is, as far as is known. Any thread. */
    @Nullable SocketAddress remote() {
        InetSocketAddress named = client;
        return named == null ? getSocket().remoteAddress() : named;
    }

    @Override
    ReadSide reads() {
        return reads;
    }

    @Override
    WriteQueue writes() {
        return writes;
    }

    @Override
    ConnectionProcessing processing() {
        return processing;
    }

    ConnectionObservation observation() {
        return observation;
    }

    ResponseGate gate() {
        return gate;
    }

    ByteStream stream() {
        return stream;
    }

    /** TLS, where the connector has it; null where it has not. */
    @Nullable TlsStream tls() {
        return stream instanceof TlsStream tls ? tls : null;
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

    /** Sends responses past the processor. */
    ConnectorAnswer answer() {
        return new ConnectorAnswer(getSocket(), stream, gate);
    }

    /** How many nanoseconds threads have waited here for the peer's bytes. On the reader's thread. */
    long readWaited() {
        return reads.waited();
    }

    /** How many nanoseconds threads have waited here for room to write. On the writer's thread. */
    long writeWaited() {
        return writes.waited();
    }

    /** The request under way, where requests have contexts. */
    @Override
    @Nullable TomcatRequestContext request() {
        return gate.guard() instanceof CancelledAnswer guard ? guard.request() : null;
    }

    /** Ends the connection and its request, for an operator. Any thread. */
    void closeByOperator() {
        observation.closesByOperator();
        cancelRequests("closed by an operator");
        getSocket().shutdownBoth();
    }

    /**
     * Before a request is served, and before a close in good order: waits until the end of the response
     * before has left. So no answer of the connector's overtakes it, and it does not wait for what the next
     * handler does. On the connection's virtual thread.
     *
     * @throws IOException when the client does not take it in time
     */
    void settle() throws IOException {
        writes.settle(getWriteTimeout());
    }

    @Override
    public void registerReadInterest() {
        if (!isClosed()) {
            processing.registerReadInterest();
        }
    }

    @Override
    public void registerWriteInterest() {
        if (!isClosed()) {
            processing.registerWriteInterest(isWritableNow());
        }
    }

    private boolean isWritableNow() {
        try {
            return writes.tryFlush();
        } catch (IOException e) {
            return true; // and the next write fails
        }
    }

    // ---- reading --------------------------------------------------------------------------------

    @Override
    public int read(boolean block, byte[] b, int off, int len) throws IOException {
        return read(block, ByteBuffer.wrap(b, off, len));
    }

    @Override
    public int read(boolean block, ByteBuffer wanted) throws IOException {
        HeadBuffer head = processing.head();
        ByteBuffer to = head == null ? wanted : head.roomIn(wanted);
        int n = reads.takeUnread(to);
        if (n == 0) {
            checkOpen();
            n = block ? reads.read(to, processing, getReadTimeout()) : reads.tryRead(to);
        }
        if (head != null) {
            head.read(to);
        }
        return n;
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

    /** A processor is about to begin here. */
    @Override
    public void setAppReadBufHandler(ApplicationBufferHandler handler) {
        HeadBuffer head = processing.head();
        if (head != null) {
            head.attach(handler);
        }
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
        if (processing.isResponseClosed()) {
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
        FileSend file = new FileSend(getSocket(), writes, getWriteTimeout());
        try {
            if (tls() == null) {
                file.plain(data);
            } else {
                file.encrypted(data);
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
        observation.closes();
        Http2Streams open = streams();
        if (open != null) {
            open.closed(endpoint.isRunning());
        }
        try {
            writes.reclaim();
            gate.awaitAnswered();
            stream.endOutput();
        } catch (IOException | RuntimeException e) {
            LOG.debug("The client did not wait for the end of its response", e);
        } finally {
            endpoint.connectionClosed(getSocket());
            closeSocket();
        }
    }

    /**
     * Bytes that come after a close(2) reset the connection: where there is a response, or a GOAWAY, it lingers. Not
     * where SO_LINGER is set: then the kernel closes as it says.
     */
    private void closeSocket() {
        boolean saidWhy = processing.isInGoodOrder() || streams() != null;
        boolean lingers = saidWhy && !endpoint.lingers();
        getSocket().cancelWhenReadable(processing);
        if (!lingers || !LingeringClose.begin(getSocket(), endpoint.lingering())) {
            getSocket().close();
        }
    }

    // ---- addresses ------------------------------------------------------------------------------

    @Override
    protected void populateRemoteAddr() {
        if (remote() instanceof InetSocketAddress remote) {
            remoteAddr = remote.getAddress().getHostAddress();
            remotePort = remote.getPort();
        }
    }

    @Override
    protected void populateRemoteHost() {
        if (remote() instanceof InetSocketAddress remote) {
            InetAddress address = remote.getAddress();
            remoteHost = address.getHostName();
            remoteAddr = address.getHostAddress();
        }
    }

    @Override
    protected void populateRemotePort() {
        populateRemoteAddr();
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
            localPort = local.getPort();
        }
    }

    @Override
    protected void populateLocalPort() {
        populateLocalAddr();
    }

    // ---- TLS ------------------------------------------------------------------------------------

    @Override
    public @Nullable SSLSupport getSslSupport() {
        TlsStream tls = tls();
        return tls == null || tls.session() == null ? null : new TlsSupport(tls, endpoint);
    }

    /** Asked for by the container when it needs a certificate that the client has not shown. */
    @Override
    public void doClientAuth(SSLSupport sslSupport) throws IOException {
        writes.flush(getWriteTimeout());
        Objects.requireNonNull(tls()).askForCertificate(endpoint.getConnectionTimeout());
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.EngineConfig;
import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.io.CarrierMode;
import dev.netpoll.engine.io.SocketOption;

import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;

/**
 * HTTP/1.1 over the netpoll engine. Use it by its name: {@code
 * connector = new Connector("dev.netpoll.tomcat.NetpollHttp11Protocol")}.
 *
 * <p>Every setting of Tomcat's own HTTP/1.1 protocols keeps its meaning, but for the thread pool's:
 * handlers run on virtual threads, so {@code maxThreads}, {@code minSpareThreads} and an executor have
 * nothing to set. TLS is the JDK's.
 *
 * <p>Connectors of one JVM that ask for the same loops share one engine.
 */
public class NetpollHttp11Protocol extends AbstractHttp11Protocol<NetpollConnection> {

    private static final Log LOG = LogFactory.getLog(NetpollHttp11Protocol.class);

    /** The default of Tomcat and Spring Boot. */
    private static final int DEFAULT_PROCESSOR_CACHE = 200;

    private static final int UNBOUNDED = -1;

    private final ProcessorKeeper keeper = new ProcessorKeeper();
    private final RegularLook looks = new RegularLook(this::look);
    private final ProcessorCache processors =
            new ProcessorCache(() -> getProcessorCache() == UNBOUNDED);
    private final RequestMaker requests = new RequestMaker();

    /** See {@link HeadBuffer}. Any thread. */
    private volatile byte[] headRoom = {};

    private int loops = Runtime.getRuntime().availableProcessors();
    private CarrierMode carriers = CarrierMode.AUTO;

    public NetpollHttp11Protocol() {
        this(new NetpollTomcatEndpoint());
    }

    private NetpollHttp11Protocol(NetpollTomcatEndpoint endpoint) {
        super(endpoint);
        endpoint.protocol(this);
    }

    // ---- settings, before init ------------------------------------------------------------------

    /** How many event loops; 0 for one a processor. */
    public void setLoops(int loops) {
        this.loops = loops > 0 ? loops : Runtime.getRuntime().availableProcessors();
    }

    public int getLoops() {
        return loops;
    }

    /** Who runs the virtual threads: {@code auto}, {@code loop} or {@code jdk}. */
    public void setCarriers(String carriers) {
        this.carriers = CarrierMode.valueOf(carriers.toUpperCase(Locale.ROOT));
    }

    public String getCarriers() {
        return carriers.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Has connections from these addresses begin with a header of the PROXY protocol, version 1 or 2, which names their
     * client: addresses and blocks of them such as {@code 10.0.0.0/8}, with commas between; empty for none. Other peers are
     * served without one.
     */
    public void setProxyProtocolTrusted(String addresses) {
        endpoint().proxyProtocol(endpoint().proxyProtocol().trusting(addresses));
    }

    /** How long such a header may take, in milliseconds; 5,000 unless set. */
    public void setProxyProtocolTimeout(int millis) {
        endpoint().proxyProtocol(endpoint().proxyProtocol().within(millis));
    }

    /** Seconds of silence before a client is asked for a sign of life (TCP_KEEPIDLE); switches SO_KEEPALIVE on. */
    public void setTcpKeepIdle(int seconds) {
        endpoint().tcp().set(SocketOption.TCP_KEEPIDLE, seconds);
    }

    /** Seconds between two such questions (TCP_KEEPINTVL); switches SO_KEEPALIVE on. */
    public void setTcpKeepInterval(int seconds) {
        endpoint().tcp().set(SocketOption.TCP_KEEPINTVL, seconds);
    }

    /** After how many questions without an answer a connection has ended (TCP_KEEPCNT); switches SO_KEEPALIVE on. */
    public void setTcpKeepCount(int questions) {
        endpoint().tcp().set(SocketOption.TCP_KEEPCNT, questions);
    }

    /** After how many milliseconds without an acknowledgement a connection has ended (TCP_USER_TIMEOUT). */
    public void setTcpUserTimeout(int millis) {
        endpoint().tcp().set(SocketOption.TCP_USER_TIMEOUT, millis);
    }

    /** How many connections whose first bytes came with their SYN may wait to be accepted (TCP_FASTOPEN). */
    public void setTcpFastOpen(int queue) {
        endpoint().tcp().set(SocketOption.TCP_FASTOPEN, queue);
    }

    /** How many seconds the kernel keeps a connection to itself until its first bytes have come (TCP_DEFER_ACCEPT). */
    public void setTcpDeferAccept(int seconds) {
        endpoint().tcp().set(SocketOption.TCP_DEFER_ACCEPT, seconds);
    }

    /**
     * Whether each loop listens and accepts for itself (SO_REUSEPORT), which spreads the work of accepting; the kernel then
     * spreads connections by their addresses, not by the loops' load. Off unless set.
     */
    public void setReusePort(boolean each) {
        endpoint().reusePort(each);
    }

    public boolean getReusePort() {
        return endpoint().reusePort();
    }

    EngineConfig engineConfig() {
        return EngineConfig.of(loops, carriers);
    }

    // ---- for the observer -----------------------------------------------------------------------

    /** The engine it runs on; null while it is not bound. */
    public @Nullable NetpollEngine engine() {
        return endpoint().engine();
    }

    /** Counts its connections; looks at each. */
    public ConnectorStatistics statistics() {
        return endpoint().statistics();
    }

    /** Its connections in {@code state}, or all for null: at most {@code limit}, the oldest first. */
    public List<ConnectionSnapshot> connections(@Nullable ConnectionState state, int limit) {
        return endpoint().connectionList().list(state, limit);
    }

    /** Closes the connection of that id and cancels its request; false when there is none. */
    public boolean closeConnection(String id) {
        var found = endpoint().connectionList().find(id);
        found.ifPresent(NetpollSocketWrapper::closeByOperator);
        return found.isPresent();
    }

    /**
     * Has every change of that connection's state logged, in the category {@code
     * dev.netpoll.connection} at INFO, or no longer; false when there is none of that id.
     */
    public boolean traceConnection(String id, boolean wanted) {
        var found = endpoint().connectionList().find(id);
        found.ifPresent(connection -> connection.observation().name(wanted));
        return found.isPresent();
    }

    /** Cancels what is under way on the connection of that id, on each stream; false when nothing is. */
    public boolean cancelRequest(String id) {
        var found = endpoint().connectionList().find(id);
        return found.isPresent() && found.get().cancelRequests("cancelled by an operator");
    }

    NetpollTomcatEndpoint endpoint() {
        return (NetpollTomcatEndpoint) getEndpoint();
    }

    // ---- the processor cache --------------------------------------------------------------------

    /**
     * Unbounded unless a number was chosen: with virtual threads the default of 200 would have
     * each request beyond it build and drop some 100 kB. {@link ProcessorKeeper} lets go of what a
     * peak left behind.
     */
    @Override
    public int getProcessorCache() {
        int chosen = super.getProcessorCache();
        return chosen == DEFAULT_PROCESSOR_CACHE ? UNBOUNDED : chosen;
    }

    @Override
    protected Processor createProcessor() {
        keeper.created();
        return new NetpollHttp11Processor(this, getAdapter(), requests, processors, headRoom());
    }

    ProcessorCache processors() {
        return processors;
    }

    private void look() {
        keeper.look(endpoint().requestsInFlight(), this::letGoOfProcessors);
        endpoint().lookAtRestingConnections();
    }

    /** Of those that serve no connection, in whichever cache they are. */
    void letGoOfProcessors() {
        getHandler().recycle();
        processors.clear();
    }

    /** Tomcat's handler calls it for each processor that it takes up, and for each that it has recycled. */
    @Override
    public void removeWaitingProcessor(Processor processor) {
        super.removeWaitingProcessor(processor);
        if (processor instanceof NetpollHttp11Processor ours) {
            ours.forgotten();
        }
    }

    /** One for all processors, unless the setting has changed. */
    private byte[] headRoom() {
        int body = NetpollSocketWrapper.NO_BUFFERS.getReadBuffer().capacity();
        int size = getMaxHttpRequestHeaderSize() + body;
        byte[] room = headRoom;
        if (room.length != size) {
            room = new byte[size];
            headRoom = room;
        }
        return room;
    }

    @Override
    public void start() throws Exception {
        try {
            super.start();
            looks.start(getUtilityExecutor());
        } catch (Throwable t) {
            stopAfter(t);
            throw t;
        }
    }

    /** Tomcat never stops a connector whose start failed: it would go on listening. */
    private void stopAfter(Throwable failure) {
        try {
            stop();
        } catch (Exception | LinkageError e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void stop() throws Exception {
        looks.stop();
        super.stop();
    }

    // ---- HTTP/2

    @Override
    @SuppressWarnings("NullAway") // Tomcat's class is not annotated: null for none
    public UpgradeProtocol getNegotiatedProtocol(String name) {
        return NetpollHttp2.of(super.getNegotiatedProtocol(name));
    }

    @Override
    @SuppressWarnings("NullAway") // as above
    public UpgradeProtocol getUpgradeProtocol(String name) {
        return NetpollHttp2.of(super.getUpgradeProtocol(name));
    }

    // ---- what Tomcat asks a protocol for

    @Override
    protected Log getLog() {
        return LOG;
    }

    @Override
    protected String getNamePrefix() {
        return isSSLEnabled()
                ? "https-" + getSslImplementationShortName() + "-netpoll"
                : "http-netpoll";
    }
}

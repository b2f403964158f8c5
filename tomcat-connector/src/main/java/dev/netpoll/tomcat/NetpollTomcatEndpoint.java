// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.NetpollConnection;
import dev.netpoll.engine.NetpollEngine;

import org.apache.juli.logging.Log;
import org.apache.juli.logging.LogFactory;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketProcessorBase;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.apache.tomcat.util.net.TLSClientHelloExtractor;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import javax.net.ssl.SSLEngine;

/**
 * Tomcat's endpoint on the engine: binds, accepts on a virtual thread, and gives every connection its
 * {@link NetpollSocketWrapper}.
 *
 * <p>Lifecycle methods are called by Tomcat, one at a time. There is no poller and no pool here: a
 * connection's events start virtual threads on its loop.
 */
public final class NetpollTomcatEndpoint
        extends AbstractEndpoint<NetpollConnection, NetpollConnection> {

    private static final Log LOG = LogFactory.getLog(NetpollTomcatEndpoint.class);

    private final Object counting = new Object();
    private final Executor forks = this::fork;
    private final ConnectorCounters counters = new ConnectorCounters();
    private final LingeringCloses lingering = new LingeringCloses();
    private final StopOfRequests requests = new StopOfRequests();
    private final TcpSettings tcp = new TcpSettings();

    /** Set once, in the protocol's constructor. */
    private @Nullable NetpollHttp11Protocol protocol;

    /** Written by bind and unbind, read by anyone. */
    private volatile @Nullable NetpollEngine engine;

    /** Written by bind and unbind, read by anyone. */
    private volatile @Nullable Listeners listener;

    private @Nullable String unixDomainSocketPath;
    private @Nullable String unixDomainSocketPathPermissions;

    /** Set before the start, read by the acceptor. */
    private ProxyProtocol proxyProtocol = ProxyProtocol.OFF;

    private boolean reusePort;

    /** Acceptor thread only. */
    private final AcceptBackoff backoff = new AcceptBackoff(counters);

    /** How many connections there have been. */
    private final AtomicInteger numbered = new AtomicInteger();

    NetpollTomcatEndpoint() {
        // Before 11.0.23, Tomcat's getters of values that are not set fail on a null.
        socketProperties.setRxBufSize(0);
        socketProperties.setTxBufSize(0);
        socketProperties.setSoKeepAlive(false);
        socketProperties.setOoBInline(false);
        socketProperties.setSoLingerOn(false);
    }

    void protocol(NetpollHttp11Protocol newProtocol) {
        protocol = newProtocol;
    }

    @Nullable NetpollEngine engine() {
        return engine;
    }

    ConnectorCounters counters() {
        return counters;
    }

    LingeringCloses lingering() {
        return lingering;
    }

    StopOfRequests requests() {
        return requests;
    }

    // ---- settings -------------------------------------------------------------------------------

    public void setUnixDomainSocketPath(String path) {
        unixDomainSocketPath = path;
    }

    public @Nullable String getUnixDomainSocketPath() {
        return unixDomainSocketPath;
    }

    public void setUnixDomainSocketPathPermissions(String permissions) {
        unixDomainSocketPathPermissions = permissions;
    }

    public @Nullable String getUnixDomainSocketPathPermissions() {
        return unixDomainSocketPathPermissions;
    }

    TcpSettings tcp() {
        return tcp;
    }

    /** Whether the kernel closes as SO_LINGER says; both attributes together switch it on. */
    boolean lingers() {
        return socketProperties.getSoLingerOn() && getConnectionLinger() >= 0;
    }

    boolean reusePort() {
        return reusePort;
    }

    void reusePort(boolean each) {
        reusePort = each;
    }

    ProxyProtocol proxyProtocol() {
        return proxyProtocol;
    }

    void proxyProtocol(ProxyProtocol settings) {
        proxyProtocol = settings;
    }

    @Override
    public @Nullable String getId() {
        return unixDomainSocketPath;
    }

    // ---- lifecycle ------------------------------------------------------------------------------

    @Override
    public void bind() throws Exception {
        NetpollEngine acquired =
                NetpollEngine.acquire(Objects.requireNonNull(protocol).engineConfig());
        engine = acquired;
        listener = EndpointListener.listen(this, acquired);
        initialiseSsl();
        List<String> vain = WithoutEffect.of(this);
        if (!vain.isEmpty()) {
            LOG.info("Without effect on the netpoll connector: " + String.join(", ", vain));
        }
    }

    /** The TLS engine of the host that {@code name} stands for; of the default host for null. */
    SSLEngine engineFor(@Nullable String name, @Nullable TLSClientHelloExtractor hello) {
        return hello == null
                ? createSSLEngine(name, List.of(), List.of(), List.of(), List.of(), List.of())
                : createSSLEngine(
                        name,
                        hello.getClientRequestedCiphers(),
                        hello.getClientRequestedApplicationProtocols(),
                        hello.getClientRequestedProtocols(),
                        hello.getClientSupportedGroups(),
                        hello.getClientSignatureSchemes());
    }

    @Override
    public void startInternal() {
        if (running) {
            return;
        }
        running = true;
        paused = false;
        lingering.start();
        requests.start();
        initializeConnectionLatch();
        Listeners bound = listener;
        if (bound != null) {
            bound.resume(); // a stop may have come before, without an unbind
        }
        startAcceptorThread();
    }

    @Override
    protected void startAcceptorThread() {
        Listeners bound = Objects.requireNonNull(listener);
        acceptor = bound.acceptor(this);
        bound.fork(getName() + "-Acceptor", acceptor);
    }

    @Override
    public void stopInternal() {
        if (!running) {
            return;
        }
        if (!paused) {
            pause();
        }
        running = false;
        requests.stop();
        acceptor.stopMillis(100 + 2 * socketProperties.getUnlockTimeout());
        List<NetpollSocketWrapper> closing = wrappers().toList();
        closing.forEach(NetpollSocketWrapper::close);
        lingering.stop();
        requests.await(closing, getExecutorTerminationTimeoutMillis(), requireEngine().ticker());
    }

    @Override
    public void unbind() throws Exception {
        if (running) {
            stop();
        }
        doCloseServerSocket();
        destroySsl();
        super.unbind();
        Objects.requireNonNull(protocol).letGoOfProcessors();
        NetpollEngine acquired = engine;
        if (acquired != null) {
            engine = null;
            acquired.release();
        }
    }

    @Override
    protected void doCloseServerSocket() {
        Listeners bound = listener;
        if (bound != null) {
            listener = null;
            bound.close();
        }
    }

    @Override
    public void resume() {
        super.resume();
        Listeners bound = listener;
        if (bound != null && running) {
            bound.resume();
        }
    }

    // ---- accepting ------------------------------------------------------------------------------

    @Override
    protected void unlockAccept() {
        Listeners bound = listener;
        NetpollEngine running = engine;
        if (bound != null && running != null) {
            bound.interrupt(acceptor, running.ticker());
        }
    }

    /** Runs on the acceptor's virtual thread. Null when paused or stopped while waiting. */
    @Override
    @SuppressWarnings(
            "NullAway") // Tomcat's class is not annotated; its acceptor passes null on to us
    protected @Nullable NetpollConnection serverSocketAccept() throws Exception {
        Listeners bound = listener;
        if (bound == null) {
            return null;
        }
        try {
            return bound.accept(backoff, counters);
        } catch (IOException e) {
            if (listener == null) {
                return null;
            }
            throw e;
        }
    }

    /** Waits until there is a place for one more connection, and takes it. */
    void awaitPlace() throws InterruptedException {
        countUpOrAwaitConnection();
    }

    @Override
    protected boolean setSocketOptions(@Nullable NetpollConnection accepted) {
        if (accepted == null) {
            return false; // woken by a pause that is over already
        }
        var wrapper = new NetpollSocketWrapper(accepted, this, numbered.incrementAndGet());
        connections.put(accepted, wrapper);
        counters.accepted();
        wrapper.begin(getConnectionTimeout(), getMaxKeepAliveRequests());
        return true;
    }

    @Override
    protected void closeSocket(@Nullable NetpollConnection accepted) {
        if (accepted == null) {
            countDownConnection();
        } else {
            super.closeSocket(accepted);
        }
    }

    @Override
    protected void destroySocket(@Nullable NetpollConnection accepted) {
        countDownConnection();
        if (accepted != null) {
            accepted.close();
        }
    }

    void connectionClosed(NetpollConnection connection) {
        connections.remove(connection);
    }

    @Override
    public void pause() {
        synchronized (counting) {
            super.pause();
        }
    }

    /** Pausing takes one off Tomcat's count, which it then drops; of a close between the two it would warn. */
    @Override
    protected long countDownConnection() {
        if (paused) {
            return -1; // and not wait for the pause, which waits for the acceptor
        }
        synchronized (counting) {
            return paused ? -1 : super.countDownConnection();
        }
    }

    /** Gives {@code wrapper} a processor, where Tomcat's handler would take one from a cache of its own. */
    void provideProcessor(NetpollSocketWrapper wrapper) {
        String negotiated = wrapper.getNegotiatedProtocol();
        boolean http11 =
                negotiated == null || negotiated.isEmpty() || negotiated.equals("http/1.1");
        if (http11 && wrapper.getCurrentProcessor() == null) {
            wrapper.setCurrentProcessor(
                    Objects.requireNonNull(protocol).processors().take(wrapper.getSocket().loop()));
        }
    }

    // ---- running --------------------------------------------------------------------------------

    private void fork(Runnable task) {
        requireEngine().fork(getName() + "-exec", task);
    }

    /** Starts a virtual thread for each task: what servlets' {@code AsyncContext.start} runs on. */
    @Override
    public Executor getExecutor() {
        return forks;
    }

    /** The engine's virtual threads run everything; an executor from outside would be a detour. */
    @Override
    public void setExecutor(@Nullable Executor executor) {
        LOG.debug("The netpoll connector runs handlers on its loops; the executor is not used");
    }

    @Override
    public int getCurrentThreadsBusy() {
        return requestsInFlight();
    }

    @Override
    public int getCurrentThreadCount() {
        return requestsInFlight();
    }

    /** How many connections are between two requests. Tomcat's meters read it by this name. */
    public int getKeepAliveCount() {
        return (int) wrappers().filter(ours -> ours.requestsInFlight() == 0).count();
    }

    /** How many requests are being served right now. Looks at each: for observers only. */
    int requestsInFlight() {
        return wrappers().mapToInt(NetpollSocketWrapper::requestsInFlight).sum();
    }

    /** Has those that have been quiet since the last look let go of what they do not need. */
    void lookAtRestingConnections() {
        wrappers().forEach(ours -> ours.processing().lookAtRest());
    }

    private Stream<NetpollSocketWrapper> wrappers() {
        return connections.values().stream()
                .filter(NetpollSocketWrapper.class::isInstance)
                .map(NetpollSocketWrapper.class::cast);
    }

    ConnectorStatistics statistics() {
        List<NetpollSocketWrapper> open = wrappers().toList();
        int active = (int) open.stream().filter(NetpollSocketWrapper::isActive).count();
        return counters.statistics(open.size(), active);
    }

    /** The connections as they are now; empty while the endpoint is not bound. */
    ConnectionList connectionList() {
        return new ConnectionList(wrappers().filter(ours -> !ours.isClosed()).toList(), engine);
    }

    @Override
    public boolean processSocket(
            SocketWrapperBase<NetpollConnection> wrapper, SocketEvent event, boolean dispatch) {
        if (!(wrapper instanceof NetpollSocketWrapper ours)) {
            return false;
        }
        if (dispatch) {
            ours.processing().fork(() -> ours.processing().process(event));
        } else {
            ours.processing().process(event);
        }
        return true;
    }

    @Override
    protected SocketProcessorBase<NetpollConnection> createSocketProcessor(
            SocketWrapperBase<NetpollConnection> wrapper, SocketEvent event) {
        throw new UnsupportedOperationException("Events are processed by the wrapper itself");
    }

    private NetpollEngine requireEngine() {
        NetpollEngine bound = engine;
        if (bound == null) {
            throw new IllegalStateException("The endpoint is not bound");
        }
        return bound;
    }

    @Override
    protected @Nullable InetSocketAddress getLocalAddress() {
        Listeners bound = listener;
        SocketAddress address = bound == null ? null : bound.localAddress();
        return address instanceof InetSocketAddress inet ? inet : null;
    }

    @Override
    protected Log getLog() {
        return LOG;
    }
}

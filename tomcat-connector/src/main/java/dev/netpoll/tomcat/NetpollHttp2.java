// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.UpgradeToken;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.coyote.http11.upgrade.UpgradeProcessorInternal;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP/2 with the connector's own streams: the settings are those of the {@link Http2Protocol} that was added
 * to the connector, and each request gets its own context, deadline and end.
 */
final class NetpollHttp2 implements UpgradeProtocol {

    private final Http2Protocol settings;

    NetpollHttp2(Http2Protocol settings) {
        this.settings = settings;
    }

    /** {@code added} as the connector runs it. */
    static @Nullable UpgradeProtocol of(@Nullable UpgradeProtocol added) {
        return added instanceof Http2Protocol http2 ? new NetpollHttp2(http2) : added;
    }

    @Override
    public Processor getProcessor(SocketWrapperBase<?> connection, Adapter adapter) {
        return new UpgradeProcessorInternal(
                connection,
                new UpgradeToken(
                        getInternalUpgradeHandler(connection, adapter, null),
                        null,
                        null,
                        settings.getUpgradeProtocolName()),
                null);
    }

    /** Tomcat's own handler where an application has one of its own made, or has the asynchronous I/O switched off. */
    @Override
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> connection, Adapter adapter, @Nullable Request first) {
        if (!(connection instanceof NetpollSocketWrapper ours)) {
            return settings.getInternalUpgradeHandler(connection, adapter, first);
        }
        Adapter catalina = adapter instanceof SettlingAdapter http11 ? http11.catalina() : adapter;
        Http2Streams streams = ours.speaksHttp2(ours);
        Adapter each = new StreamAdapter(catalina, streams);
        return ours.hasAsyncIO() && settings.getClass() == Http2Protocol.class
                ? new NetpollHttp2Handler(settings, each, first, ours, streams)
                : settings.getInternalUpgradeHandler(connection, each, first);
    }

    @Override
    public String getHttpUpgradeName(boolean secure) {
        return settings.getHttpUpgradeName(secure);
    }

    @Override
    public byte[] getAlpnIdentifier() {
        return settings.getAlpnIdentifier();
    }

    @Override
    public String getAlpnName() {
        return settings.getAlpnName();
    }

    @Override
    public boolean accept(Request request) {
        return settings.accept(request);
    }

    @Override
    public void setHttp11Protocol(AbstractHttp11Protocol<?> protocol) {
        settings.setHttp11Protocol(protocol);
    }
}

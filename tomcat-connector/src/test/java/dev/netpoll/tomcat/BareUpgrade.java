// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import jakarta.servlet.http.WebConnection;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

import java.util.function.Consumer;

/** The protocol {@code bare}: an upgraded connection is handed to the test, which does all I/O by itself. */
record BareUpgrade(Consumer<SocketWrapperBase<?>> test) implements UpgradeProtocol {

    @Override
    public String getHttpUpgradeName(boolean secure) {
        return "bare";
    }

    @Override
    public byte[] getAlpnIdentifier() {
        return new byte[0];
    }

    @Override
    public String getAlpnName() {
        return "";
    }

    @Override
    public Processor getProcessor(SocketWrapperBase<?> connection, Adapter adapter) {
        throw new UnsupportedOperationException();
    }

    @Override
    public InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> connection, Adapter adapter, Request request) {
        return new Handler(connection, test);
    }

    @Override
    public boolean accept(Request request) {
        return true;
    }

    private record Handler(SocketWrapperBase<?> connection, Consumer<SocketWrapperBase<?>> test)
            implements InternalHttpUpgradeHandler {

        @Override
        public void init(WebConnection ignored) {
            test.accept(connection);
        }

        @Override
        public boolean hasAsyncIO() {
            return true;
        }

        @Override
        public SocketState upgradeDispatch(SocketEvent event) {
            return event == SocketEvent.OPEN_READ ? SocketState.ASYNC_IO : SocketState.CLOSED;
        }

        @Override
        public void timeoutAsync(long now) {
            // It has none.
        }

        @Override
        public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
            // It knows.
        }

        @Override
        public void setSslSupport(SSLSupport support) {
            // It needs none.
        }

        @Override
        public void pause() {
            // It goes on.
        }

        @Override
        public void destroy() {
            // It holds nothing.
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import dev.netpoll.engine.ListenOptions;
import dev.netpoll.engine.NetpollEngine;
import dev.netpoll.engine.NetpollListener;
import dev.netpoll.engine.io.SocketOption;

import org.apache.tomcat.util.net.SocketProperties;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Listens where an endpoint's settings say, with the socket options they say. */
final class EndpointListener {

    private EndpointListener() {}

    static Listeners listen(NetpollTomcatEndpoint endpoint, NetpollEngine on) throws IOException {
        ListenOptions options = ListenOptions.defaults().withBacklog(endpoint.getAcceptCount());
        int receiveBuffer = endpoint.getSocketProperties().getRxBufSize();
        if (receiveBuffer > 0) {
            options = options.withReceiveBuffer(receiveBuffer);
        }
        String path = endpoint.getUnixDomainSocketPath();
        if (path != null) {
            NetpollListener bound = on.listen(UnixDomainSocketAddress.of(path), options);
            String permissions = endpoint.getUnixDomainSocketPathPermissions();
            if (permissions != null) {
                Files.setPosixFilePermissions(
                        Path.of(path), PosixFilePermissions.fromString(permissions));
            }
            return new Listeners(List.of(bound));
        }
        var address = new InetSocketAddress(endpoint.getAddress(), endpoint.getPortWithOffset());
        Listeners bound =
                new Listeners(
                        endpoint.reusePort()
                                ? on.listenOnEachLoop(address, options)
                                : List.of(on.listen(address, options)));
        try {
            for (NetpollListener each : bound.all()) {
                setInheritedOptions(endpoint, each);
                endpoint.tcp().applyTo(each);
            }
            return bound;
        } catch (IOException | RuntimeException e) {
            bound.close();
            throw e;
        }
    }

    /** Linux hands a listener's options on to what it accepts: no system call per connection. */
    private static void setInheritedOptions(NetpollTomcatEndpoint endpoint, NetpollListener bound) {
        SocketProperties properties = endpoint.getSocketProperties();
        if (endpoint.getTcpNoDelay()) {
            bound.setOption(SocketOption.TCP_NODELAY, 1);
        }
        if (properties.getSoKeepAlive() || endpoint.tcp().tunesKeepAlive()) {
            bound.setOption(SocketOption.SO_KEEPALIVE, 1);
        }
        if (properties.getTxBufSize() > 0) {
            bound.setOption(SocketOption.SO_SNDBUF, properties.getTxBufSize());
        }
        if (properties.getOoBInline()) {
            bound.setOption(SocketOption.SO_OOBINLINE, 1);
        }
        if (endpoint.lingers()) {
            bound.setLinger(endpoint.getConnectionLinger());
        }
    }
}

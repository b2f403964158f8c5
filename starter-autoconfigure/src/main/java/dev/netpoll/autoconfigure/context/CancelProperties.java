package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
import dev.netpoll.web.PeerClose;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.time.Duration;

/**
 * {@code netpoll.cancel.*}: what ends a request early besides its deadline, and what that does.
 *
 * @param onPeerClose What counts as a client that has left: that it closed its side (fin), only that it
 *     reset the connection (rst), or nothing (ignore).
 * @param halfCloseWindow How soon after a request a client's FIN may mean that it has only finished sending
 *     and waits for the response: such a client is asked before it counts as one that left; 0 for never.
 * @param interruptHandler Whether the handler's thread is interrupted when its request ends early.
 * @param shutdownGrace How long a shutdown waits, after its drain, for the requests it has cancelled to
 *     be answered.
 */
@ConfigurationProperties("netpoll.cancel")
public record CancelProperties(
        @DefaultValue("fin") PeerClose onPeerClose,
        @DefaultValue("5ms") Duration halfCloseWindow,
        @DefaultValue("true") boolean interruptHandler,
        @DefaultValue("2s") Duration shutdownGrace) {

    public CancelProperties {
        PropertyCheck.notNegative("netpoll.cancel.half-close-window", halfCloseWindow);
        PropertyCheck.notNegative("netpoll.cancel.shutdown-grace", shutdownGrace);
    }
}

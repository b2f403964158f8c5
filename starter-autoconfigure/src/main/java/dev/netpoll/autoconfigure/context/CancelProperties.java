// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.autoconfigure.context;

import dev.netpoll.autoconfigure.PropertyCheck;
import dev.netpoll.context.InterruptPolicy;
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
 * @param interrupt When threads of requests and tasks are interrupted whose context ends early: only
 *     while they wait for something that an interrupt ends (when-waiting), at once and whatever they do,
 *     which closes file channels they use (always), or not at all (never).
 * @param shutdownGrace How long a shutdown waits, after its drain, for the requests it has cancelled to
 *     be answered.
 */
@ConfigurationProperties("netpoll.cancel")
public record CancelProperties(
        @DefaultValue("fin") PeerClose onPeerClose,
        @DefaultValue("5ms") Duration halfCloseWindow,
        @DefaultValue("when-waiting") InterruptPolicy interrupt,
        @DefaultValue("2s") Duration shutdownGrace) {

    public CancelProperties {
        PropertyCheck.notNegative("netpoll.cancel.half-close-window", halfCloseWindow);
        PropertyCheck.notNegative("netpoll.cancel.shutdown-grace", shutdownGrace);
    }
}

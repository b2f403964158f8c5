// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.engine.internal.sys;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.net.SocketAddress;

/**
 * The address of a connection's peer, known from the start: getpeername(2) has no answer any more once the
 * peer has reset the connection.
 *
 * <p>Kept in the kernel's layout, which is a third of what the objects take, and most connections are never
 * asked. Filled by the thread that accepts or connects, before it shows the connection to others.
 */
public final class PeerAddress {

    private byte[] raw = new byte[0];

    /** An empty one, for {@link Kernel#accept} to fill. */
    public PeerAddress() {}

    /** That of a peer to connect to. */
    public static PeerAddress of(SocketAddress address) {
        PeerAddress peer = new PeerAddress();
        MemorySegment room = MemorySegment.ofArray(new byte[NativeAddress.MAX_BYTES]);
        peer.fill(room, NativeAddress.write(address, room));
        return peer;
    }

    void fill(MemorySegment from, int length) {
        raw = NativeAddress.copy(from, length);
    }

    /** As an object; null for a family that is none of ours. */
    public @Nullable SocketAddress get() {
        return raw.length == 0 ? null : NativeAddress.read(MemorySegment.ofArray(raw), raw.length);
    }
}

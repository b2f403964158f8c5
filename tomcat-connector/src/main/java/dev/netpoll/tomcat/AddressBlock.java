// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import java.net.InetAddress;

/**
 * The addresses that begin with the same bits as one: {@code 10.0.0.0/8}, {@code fd00::/8}, or one alone.
 *
 * @param first any of them
 * @param bits how many bits they have in common
 */
record AddressBlock(InetAddress first, int bits) {

    /**
     * @throws IllegalArgumentException when {@code text} is no address, or has no such prefix
     */
    static AddressBlock of(String text) {
        int slash = text.indexOf('/');
        InetAddress first = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int most = 8 * first.getAddress().length;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException("No prefix of 0 to " + most + " bits: " + text);
        }
        return new AddressBlock(first, bits);
    }

    boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> bit % 8;
            if ((mine[bit / 8] & mask) != (other[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }
}

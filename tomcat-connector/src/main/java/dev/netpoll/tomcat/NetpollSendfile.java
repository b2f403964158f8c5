// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SendfileDataBase;

/** The part of a file that the processor wants sent. */
final class NetpollSendfile extends SendfileDataBase {

    NetpollSendfile(String filename, long position, long length) {
        super(filename, position, length);
    }
}

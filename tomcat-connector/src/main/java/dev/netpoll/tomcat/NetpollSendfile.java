package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SendfileDataBase;

/** What of which file the processor wants sent. */
final class NetpollSendfile extends SendfileDataBase {

    NetpollSendfile(String filename, long position, long length) {
        super(filename, position, length);
    }
}

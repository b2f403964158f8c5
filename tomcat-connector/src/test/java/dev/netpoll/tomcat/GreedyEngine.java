// SPDX-License-Identifier: Apache-2.0
package dev.netpoll.tomcat;

import org.apache.tomcat.util.net.SSLUtil;

import java.nio.ByteBuffer;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

/**
 * The JDK's TLS with the habits of OpenSSL's engine: it takes in all records at once and keeps what there is no room
 * for, has no tasks, and says that it has ended before the last of it is made.
 */
final class GreedyEngine extends SSLEngine implements SSLUtil.ProtocolInfo {

    private static final int RECORD = 17_000;

    private final SSLEngine jdks;

    /** Ready to be decrypted. Guarded by this. */
    private ByteBuffer records = ByteBuffer.allocate(0);

    /** Ready to be read. Guarded by this. */
    private ByteBuffer plain = ByteBuffer.allocate(0);

    /** Guarded by this. */
    private Status status = Status.OK;

    private volatile boolean closed;

    GreedyEngine(SSLEngine jdks) {
        this.jdks = jdks;
    }

    @Override
    public String getNegotiatedProtocol() {
        return jdks.getApplicationProtocol();
    }

    @Override
    public synchronized SSLEngineResult unwrap(
            ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException {
        if (getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            return new SSLEngineResult(status, HandshakeStatus.NEED_WRAP, 0, 0);
        }
        int taken = src.remaining();
        records = ByteBuffer.allocate(records.remaining() + taken).put(records).put(src).flip();
        decrypt();
        int room = 0;
        int produced = 0;
        for (int i = offset; i < offset + length; i++) {
            room += dsts[i].remaining();
            while (dsts[i].hasRemaining() && plain.hasRemaining()) {
                produced += WriteQueue.transfer(plain, dsts[i]);
                decrypt();
            }
        }
        Status now = room == 0 ? Status.BUFFER_OVERFLOW : status;
        boolean settled = getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
        if (now == Status.OK && produced == 0 && (taken == 0 || settled)) {
            now = Status.BUFFER_UNDERFLOW;
        }
        return new SSLEngineResult(now, getHandshakeStatus(), taken, produced);
    }

    /** Until there is something to read, something to say, or no whole record left. */
    private void decrypt() throws SSLException {
        while (!plain.hasRemaining()
                && records.hasRemaining()
                && status == Status.OK
                && getHandshakeStatus() != HandshakeStatus.NEED_WRAP) {
            ByteBuffer next = ByteBuffer.allocate(RECORD);
            SSLEngineResult result = jdks.unwrap(records, next);
            plain = next.flip();
            work(result);
            if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
                return;
            }
            status = result.getStatus();
        }
    }

    @Override
    public synchronized SSLEngineResult wrap(
            ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException {
        SSLEngineResult result = jdks.wrap(srcs, offset, length, dst);
        work(result);
        return new SSLEngineResult(
                result.getStatus(),
                result.getHandshakeStatus() == HandshakeStatus.NEED_TASK
                        ? jdks.getHandshakeStatus()
                        : result.getHandshakeStatus(),
                result.bytesConsumed(),
                result.bytesProduced());
    }

    private void work(SSLEngineResult result) {
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            TlsTasks.run(jdks);
        }
    }

    @Override
    public Runnable getDelegatedTask() {
        return null;
    }

    @Override
    public void closeInbound() throws SSLException {
        jdks.closeInbound();
    }

    @Override
    public boolean isInboundDone() {
        return jdks.isInboundDone();
    }

    @Override
    public void closeOutbound() {
        closed = true;
        jdks.closeOutbound();
    }

    @Override
    public boolean isOutboundDone() {
        return closed;
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return jdks.getSupportedCipherSuites();
    }

    @Override
    public String[] getEnabledCipherSuites() {
        return jdks.getEnabledCipherSuites();
    }

    @Override
    public void setEnabledCipherSuites(String[] suites) {
        jdks.setEnabledCipherSuites(suites);
    }

    @Override
    public String[] getSupportedProtocols() {
        return jdks.getSupportedProtocols();
    }

    @Override
    public String[] getEnabledProtocols() {
        return jdks.getEnabledProtocols();
    }

    @Override
    public void setEnabledProtocols(String[] protocols) {
        jdks.setEnabledProtocols(protocols);
    }

    @Override
    public SSLSession getSession() {
        return jdks.getSession();
    }

    @Override
    public void beginHandshake() throws SSLException {
        jdks.beginHandshake();
    }

    @Override
    public HandshakeStatus getHandshakeStatus() {
        return jdks.getHandshakeStatus();
    }

    @Override
    public void setUseClientMode(boolean mode) {
        jdks.setUseClientMode(mode);
    }

    @Override
    public boolean getUseClientMode() {
        return jdks.getUseClientMode();
    }

    @Override
    public void setNeedClientAuth(boolean need) {
        jdks.setNeedClientAuth(need);
    }

    @Override
    public boolean getNeedClientAuth() {
        return jdks.getNeedClientAuth();
    }

    @Override
    public void setWantClientAuth(boolean want) {
        jdks.setWantClientAuth(want);
    }

    @Override
    public boolean getWantClientAuth() {
        return jdks.getWantClientAuth();
    }

    @Override
    public void setEnableSessionCreation(boolean flag) {
        jdks.setEnableSessionCreation(flag);
    }

    @Override
    public boolean getEnableSessionCreation() {
        return jdks.getEnableSessionCreation();
    }

    @Override
    public SSLParameters getSSLParameters() {
        return jdks.getSSLParameters();
    }

    @Override
    public void setSSLParameters(SSLParameters parameters) {
        jdks.setSSLParameters(parameters);
    }
}

package io.keelson.apiserver.http;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * Who is at the other end of a connection.
 *
 * @param certificates the chain that was shown, its own first, not judged; empty for none
 */
record Peer(InetSocketAddress address, List<X509Certificate> certificates) {
    private static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    /** To be asked once the handshake is over. */
    static Peer of(Channel channel) {
        InetSocketAddress address = channel.remoteAddress() instanceof InetSocketAddress inet ? inet : UNKNOWN;
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        return new Peer(address, tls == null ? List.of() : shown(tls));
    }

    private static List<X509Certificate> shown(SslHandler tls) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // The client showed none, as it may.
        }
    }
}

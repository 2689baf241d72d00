package io.keelson.dist.hostile;

import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.kvstore.hostile.RawConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** The secure port that is attacked, and every connection that attackers have to it. Any thread. */
final class ApiTarget {
    /** Of the attacker who has a name. */
    static final String TOKEN = "token-of-mallory";

    /** The attacker may do anything in it, and see what is in others but for Secrets. */
    static final String NAMESPACE = "siege";

    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int HANDSHAKE_TIMEOUT_MS = 20_000;

    private final int port;
    private final SSLSocketFactory tls;
    private final Set<RawConnection> open = ConcurrentHashMap.newKeySet();

    /** @param kubeconfig names the authority of its certificate */
    ApiTarget(int port, Path kubeconfig) throws IOException {
        this.port = port;
        RemoteServer server = Kubeconfig.readCurrent(kubeconfig);
        this.tls = new RemoteServer(server.url(), server.authorities(), null, "", "", "", false)
                .tls()
                .getSocketFactory();
    }

    private Socket connect() throws IOException {
        Socket tcp = new Socket();
        try {
            tcp.setTcpNoDelay(true);
            // Closing resets the connection, so that thousands of them do not linger in the tables of the system.
            tcp.setSoLinger(true, 0);
            tcp.setSoTimeout(HANDSHAKE_TIMEOUT_MS);
            tcp.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_TIMEOUT_MS);
            return tcp;
        } catch (IOException e) {
            tcp.close();
            throw e;
        }
    }

    /** A connection on which nothing has been said, not even TLS. */
    RawConnection bare() throws IOException {
        Socket tcp = connect();
        return held(new RawConnection(tcp, tcp));
    }

    /** A connection by TLS that is to speak HTTP/1.1. */
    RawConnection http1() throws IOException {
        return secured("http/1.1");
    }

    /** A connection by TLS that is to speak HTTP/2, and has not begun to. */
    RawConnection http2() throws IOException {
        return secured("h2");
    }

    private RawConnection secured(String protocol) throws IOException {
        Socket tcp = connect();
        try {
            SSLSocket secured = (SSLSocket) tls.createSocket(tcp, "127.0.0.1", port, true);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            return held(new RawConnection(secured, tcp));
        } catch (IOException e) {
            tcp.close();
            throw e;
        }
    }

    private RawConnection held(RawConnection connection) {
        open.add(connection);
        return connection;
    }

    /** Closes all connections, so that nobody waits any longer for the server to take what was sent. */
    void cut() throws IOException {
        for (RawConnection connection : List.copyOf(open)) {
            connection.close();
            open.remove(connection);
        }
    }
}

package io.keelson.apiserver.proxy;

import io.keelson.apiserver.egress.EgressProxy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a backend: bytes in both directions, by threads that may block. Reading and writing are done by one
 * thread each; {@link #close} by any, and it ends what the others wait for.
 */
final class BackendConnection implements AutoCloseable {
    /** How long the other side's farewell is waited for where there is none. */
    private static final int FAREWELL_MILLIS = 1;

    private final Socket plain;
    private final Socket socket;
    private final Runnable onClose;
    private boolean closed;

    private BackendConnection(Socket plain, Socket socket, Runnable onClose) {
        this.plain = plain;
        this.socket = socket;
        this.onClose = onClose;
    }

    /**
     * Connects.
     *
     * @param address of the host, if somebody has looked it up and judged it already; it is not looked up again
     * @param onClose called once, when the connection is closed
     * @throws BackendException in the words of the API; {@code onClose} was not called then
     */
    static BackendConnection open(Destination destination, InetAddress address, Duration timeout, Runnable onClose)
            throws BackendException {
        int millis = Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE);
        Socket plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.setKeepAlive(true);
            plain.connect(new InetSocketAddress(address, destination.port()), millis);
        } catch (SocketTimeoutException e) {
            abandon(plain);
            throw new BackendException("dial tcp " + destination + ": i/o timeout", e);
        } catch (IOException e) {
            abandon(plain);
            throw new BackendException("dial tcp " + destination + ": connect: " + refusal(e), e);
        }
        return secured(destination, new EgressProxy.Tunnel(plain, plain), millis, onClose);
    }

    /**
     * Connects through a proxy.
     *
     * @param address of the host, if somebody has looked it up and judged it already; null to have the proxy look it up
     * @param timeout until the proxy has answered, and again for a handshake of TLS with the backend
     * @param onClose called once, when the connection is closed
     * @throws BackendException in the words of the API; {@code onClose} was not called then
     */
    static BackendConnection open(
            EgressProxy proxy,
            Destination destination,
            @Nullable InetAddress address,
            Duration timeout,
            Runnable onClose)
            throws BackendException {
        EgressProxy.Tunnel tunnel;
        try {
            tunnel = proxy.dial(
                    address == null ? destination.host() : address.getHostAddress(), destination.port(), timeout);
        } catch (IOException e) {
            throw new BackendException(String.valueOf(e.getMessage()), e);
        }
        return secured(destination, tunnel, Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE), onClose);
    }

    private static BackendConnection secured(
            Destination destination, EgressProxy.Tunnel tunnel, int millis, Runnable onClose) throws BackendException {
        Socket plain = tunnel.ground();
        Destination.Tls tls = destination.tls();
        if (tls == null) {
            return new BackendConnection(plain, tunnel.socket(), onClose);
        }
        try {
            plain.setSoTimeout(millis);
            SSLSocket secure = (SSLSocket) tls.context()
                    .getSocketFactory()
                    .createSocket(tunnel.socket(), tls.serverName(), destination.port(), true);
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
            secure.startHandshake();
            plain.setSoTimeout(0);
            return new BackendConnection(plain, secure, onClose);
        } catch (IOException e) {
            abandon(plain);
            throw new BackendException(handshakeFailure(e), e);
        }
    }

    /**
     * Looks a host up.
     *
     * @throws BackendException if there is no such host
     */
    static InetAddress resolve(String host) throws BackendException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new BackendException("dial tcp: lookup " + host + ": no such host", e);
        }
    }

    private static String refusal(IOException failure) {
        return switch (failure) {
            case NoRouteToHostException _ -> "no route to host";
            case ConnectException _ -> "connection refused";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private static String handshakeFailure(IOException failure) {
        String unverified = "tls: failed to verify certificate: x509: ";
        String named = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case SocketTimeoutException _ -> {
                    return "net/http: TLS handshake timeout";
                }
                case CertPathValidatorException path
                when path.getReason() == CertPathValidatorException.BasicReason.EXPIRED
                        || path.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID -> {
                    return unverified + "certificate has expired or is not yet valid";
                }
                case CertPathBuilderException _, CertPathValidatorException _ -> {
                    return unverified + "certificate signed by unknown authority";
                }
                case CertificateException wrong -> named = unverified + wrong.getMessage();
                default -> {
                    // There may be more to find below.
                }
            }
        }
        if (named != null) {
            return named;
        }
        return failure instanceof SSLException ? "tls: " + failure.getMessage() : "EOF";
    }

    private static void abandon(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use to anybody any more.
        }
    }

    /**
     * Whether another request may be sent: it was not closed here, and nothing lies in it that nobody has asked for, be it an
     * answer or the other side's farewell. It may be dead all the same.
     */
    boolean isQuiet() {
        synchronized (this) {
            if (closed) {
                return false;
            }
        }
        try {
            return plain.getInputStream().available() == 0
                    && socket.getInputStream().available() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Whether the other side still listens, as far as can be known here: it is quiet, and was not closed there either. Takes a
     * millisecond, since a socket tells its end only to who reads.
     */
    boolean isAlive() {
        if (!isQuiet()) {
            return false;
        }
        try {
            plain.setSoTimeout(FAREWELL_MILLIS);
            try {
                // Either the end, or a byte that nobody has asked for and that TLS would miss.
                var _ = plain.getInputStream().read();
                return false;
            } catch (SocketTimeoutException e) {
                plain.setSoTimeout(0);
                return true;
            }
        } catch (IOException e) {
            return false;
        }
    }

    InputStream input() throws IOException {
        return socket.getInputStream();
    }

    OutputStream output() throws IOException {
        return socket.getOutputStream();
    }

    /** Cuts it: what lies below TLS is closed, which never waits. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        abandon(plain);
        onClose.run();
    }
}

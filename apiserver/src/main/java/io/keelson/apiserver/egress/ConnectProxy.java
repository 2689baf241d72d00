package io.keelson.apiserver.egress;

import io.grpc.netty.NettyChannelBuilder;
import io.keelson.apiserver.certs.Credential;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.RemoteServer;
import io.keelson.apiserver.object.GoText;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that speaks HTTP CONNECT. What it answers is bounded in time and size.
 */
public final class ConnectProxy implements EgressProxy {
    /** Bytes of the head of an answer, which is all that there is of it. */
    static final int HEAD_BYTES_MAX = 16 << 10;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ((\\d{3})(?: .*)?)");
    /** No letter that could end a line of the request, or a part of it. */
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");

    private static final String PROTOCOL = "http_connect";
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int OK = 200;

    private final Place place;
    private final DialMetrics.Way metrics;
    private @Nullable EventLoopGroup group;

    /** Where the proxy listens. */
    private sealed interface Place {
        /** @param tls null for none */
        record Tcp(String host, int port, @Nullable SSLContext tls) implements Place {
            @Override
            public String toString() {
                return EgressProxy.target(host, port);
            }
        }

        record UnixPath(Path path) implements Place {
            @Override
            public String toString() {
                return path.toString();
            }
        }
    }

    private ConnectProxy(Place place, DialMetrics.Way metrics) {
        this.place = place;
        this.metrics = metrics;
    }

    /** @throws IOException if the files of the configuration cannot be used */
    static ConnectProxy of(EgressSelectorConfiguration.Connection.OverTcp over, DialMetrics metrics)
            throws IOException {
        URI url;
        try {
            url = new URI(over.url());
        } catch (URISyntaxException e) {
            throw new IOException("invalid proxy server url " + GoText.quoted(over.url()) + ": " + e.getMessage(), e);
        }
        String host = url.getHost();
        if (host == null) {
            throw new IOException("invalid proxy server url " + GoText.quoted(over.url()) + ": no host");
        }
        if (host.startsWith("[")) {
            host = host.substring(1, host.length() - 1);
        }
        EgressSelectorConfiguration.Tls tls = over.tls();
        int port = url.getPort() >= 0 ? url.getPort() : tls == null ? HTTP : HTTPS;
        return new ConnectProxy(
                new Place.Tcp(host, port, tls == null ? null : context(over.url(), tls)),
                metrics.over(PROTOCOL, "tcp"));
    }

    static ConnectProxy of(EgressSelectorConfiguration.Connection.OverUnixSocket over, DialMetrics metrics) {
        return new ConnectProxy(new Place.UnixPath(over.socket()), metrics.over(PROTOCOL, "uds"));
    }

    private static SSLContext context(String url, EgressSelectorConfiguration.Tls tls) throws IOException {
        Credential shown;
        try {
            shown = Credential.read(tls.clientCert(), tls.clientKey());
        } catch (IOException e) {
            throw new IOException(
                    "failed to read key pair " + tls.clientCert() + " & " + tls.clientKey() + ", got " + e.getMessage(),
                    e);
        }
        Path bundle = tls.caBundle();
        List<X509Certificate> authorities = null;
        if (bundle != null) {
            try {
                authorities = Pem.certificates(Files.readAllBytes(bundle));
            } catch (IOException e) {
                throw new IOException("failed to read cert file " + bundle + ", got " + e.getMessage(), e);
            }
        }
        return new RemoteServer(url, authorities, shown, "", "", "", false).tls();
    }

    @Override
    public Tunnel dial(String host, int port, Duration timeout) throws IOException {
        if (!HOST.matcher(host).matches()) {
            throw new IOException("dial tcp: lookup " + GoText.quoted(host) + ": no such host");
        }
        metrics.started();
        long begin = System.nanoTime();
        Socket ground = place instanceof Place.UnixPath ? UnixSocket.open() : new Socket();
        boolean made = false;
        try (TimeLimit limit = new TimeLimit(timeout, ground)) {
            Socket socket = connected(ground, limit);
            ask(socket, EgressProxy.target(host, port), limit);
            made = true;
            metrics.made(System.nanoTime() - begin);
            return new Tunnel(socket, ground);
        } finally {
            if (!made) {
                ground.close();
            }
        }
    }

    /** To the proxy, with TLS if it wants that. */
    private Socket connected(Socket ground, TimeLimit limit) throws IOException {
        try {
            return switch (place) {
                case Place.Tcp tcp -> connected(ground, tcp);
                case Place.UnixPath unix -> {
                    if (ground instanceof UnixSocket socket) {
                        socket.connect(unix.path());
                    }
                    yield ground;
                }
            };
        } catch (IOException e) {
            metrics.failed(DialMetrics.Stage.CONNECT);
            String network = place instanceof Place.Tcp ? "tcp" : "unix";
            throw new IOException(
                    "dial " + network + " " + place + ": " + (limit.isUp() ? "i/o timeout" : connectFailure(e)), e);
        }
    }

    private static Socket connected(Socket ground, Place.Tcp tcp) throws IOException {
        ground.setTcpNoDelay(true);
        ground.setKeepAlive(true);
        ground.connect(new InetSocketAddress(tcp.host(), tcp.port()));
        SSLContext tls = tcp.tls();
        if (tls == null) {
            return ground;
        }
        SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(ground, tcp.host(), tcp.port(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        return secure;
    }

    private static String connectFailure(IOException failure) {
        return switch (failure) {
            case ConnectException _ -> "connect: connection refused";
            case SSLException tls -> "tls: " + tls.getMessage();
            default -> "connect: " + failure.getMessage();
        };
    }

    /** Has the proxy connect to a target, and reads what it says to that and nothing more. */
    private void ask(Socket socket, String target, TimeLimit limit) throws IOException {
        Matcher status;
        try {
            OutputStream out = socket.getOutputStream();
            out.write(("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            String line = statusLine(socket.getInputStream());
            status = STATUS_LINE.matcher(line);
            if (!status.matches()) {
                throw new IOException("malformed HTTP response " + GoText.quoted(line));
            }
        } catch (IOException e) {
            metrics.failed(DialMetrics.Stage.PROXY);
            String why = limit.isUp() ? "i/o timeout" : e instanceof EOFException ? "unexpected EOF" : e.getMessage();
            throw new IOException(
                    "reading HTTP response from CONNECT to " + target + " via proxy " + place + " failed: " + why, e);
        }
        int code = Integer.parseInt(status.group(2));
        if (code != OK) {
            metrics.failed(DialMetrics.Stage.PROXY);
            throw new IOException("proxy error from " + place + " while dialing " + target + ", code " + code + ": "
                    + status.group(1));
        }
    }

    /** The first line of a head, which is read to its end; byte by byte, since what follows is not for here. */
    private static String statusLine(InputStream in) throws IOException {
        StringBuilder first = new StringBuilder();
        boolean beyond = false;
        int lineLength = 0;
        for (int count = 0; count < HEAD_BYTES_MAX; count++) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            if (next == '\n') {
                if (beyond && lineLength == 0) {
                    return first.toString();
                }
                beyond = true;
                lineLength = 0;
            } else if (next != '\r') {
                lineLength++;
                if (!beyond) {
                    first.append((char) next);
                }
            }
        }
        throw new IOException("the head of the answer has more than " + HEAD_BYTES_MAX + " bytes");
    }

    /**
     * Has the connections of a channel lead through the proxy. They last no longer than this does; each has ten seconds
     * until the proxy has answered.
     */
    public void carry(NettyChannelBuilder builder) {
        builder.eventLoopGroup(threads()).channelFactory(this::channel);
    }

    private synchronized EventLoopGroup threads() {
        EventLoopGroup known = group;
        if (known != null) {
            return known;
        }
        EventLoopGroup made =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("egress", true), NioIoHandler.newFactory());
        group = made;
        return made;
    }

    private Channel channel() {
        return switch (place) {
            case Place.Tcp tcp -> {
                Channel channel = through(new NioSocketChannel(), new InetSocketAddress(tcp.host(), tcp.port()));
                SSLContext tls = tcp.tls();
                if (tls != null) {
                    SSLEngine engine = tls.createSSLEngine(tcp.host(), tcp.port());
                    engine.setUseClientMode(true);
                    SSLParameters parameters = engine.getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    engine.setSSLParameters(parameters);
                    channel.pipeline().addFirst(new SslHandler(engine));
                }
                yield channel;
            }
            case Place.UnixPath unix -> through(new NioDomainSocketChannel(), UnixDomainSocketAddress.of(unix.path()));
        };
    }

    private static Channel through(Channel channel, SocketAddress proxy) {
        channel.pipeline().addFirst(new HttpProxyHandler(proxy));
        return channel;
    }

    @Override
    public synchronized void close() {
        EventLoopGroup known = group;
        if (known != null) {
            var _ = known.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** Where it listens. */
    @Override
    public String toString() {
        return place.toString();
    }
}

package io.keelson.agent.probe;

import io.fabric8.kubernetes.api.model.HTTPHeader;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.controllers.objects.OrEmpty;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/**
 * One GET of HTTP/1.1 to a container, of whose answer only the status and where it redirects to are read. Whoever
 * answers by TLS is believed: there is nothing that could vouch for a container. A connection is not used again.
 *
 * @param scheme {@code http} or {@code https}
 * @param host a name or an address, without brackets
 * @param path with its query
 */
public record HttpCall(String scheme, String host, int port, String path) {
    private static final int HEAD_MAX = 64 * 1024;
    private static final int REDIRECTS_MAX = 10;
    private static final Pattern STATUS = Pattern.compile("[0-9]{3}");
    private static final String AGENT = "kube-probe/1.36";
    private static final SSLSocketFactory TRUSTING = trusting();

    /**
     * What was answered.
     *
     * @param location where it redirects to; empty if it does not say
     */
    public record Answer(int status, String location) {}

    /** Reads what comes back no longer than until a moment. */
    private record Reader(Socket socket, InputStream in, long until) {
        int read() throws IOException {
            long leftMs = (until - System.nanoTime()) / 1_000_000;
            if (leftMs <= 0) {
                throw new SocketTimeoutException("context deadline exceeded");
            }
            socket.setSoTimeout(Math.toIntExact(Math.min(leftMs, Integer.MAX_VALUE)));
            return in.read();
        }
    }

    /** The call as a URL. */
    public String url() {
        String shown = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        return scheme + "://" + shown + ':' + port + target();
    }

    private String target() {
        StringBuilder target = new StringBuilder(path.startsWith("/") ? "" : "/");
        for (byte one : path.getBytes(StandardCharsets.UTF_8)) {
            // What would end the line of the request, or is none of its characters.
            if (one <= ' ' || one == 0x7f) {
                target.append(String.format(Locale.ROOT, "%%%02X", one & 0xff));
            } else {
                target.append((char) one);
            }
        }
        return target.toString();
    }

    /**
     * Asks, and asks again where it is redirected to on the same host.
     *
     * @throws IOException if there is no answer; with the words of Go's client
     */
    public Answer get(List<HTTPHeader> headers, Duration limit) throws IOException {
        long until = System.nanoTime() + limit.toNanos();
        HttpCall call = this;
        for (int redirects = 0; ; redirects++) {
            Answer answer;
            try {
                answer = call.once(headers, until);
            } catch (IOException e) {
                throw new IOException("Get \"" + call.url() + "\": " + call.text(e), e);
            }
            Optional<HttpCall> next = call.redirected(answer);
            if (next.isEmpty() || !next.get().host().equals(host)) {
                return answer;
            }
            if (redirects + 1 >= REDIRECTS_MAX) {
                throw new IOException("Get \"" + next.get().url() + "\": stopped after 10 redirects");
            }
            call = next.get();
        }
    }

    private Optional<HttpCall> redirected(Answer answer) {
        boolean redirects = switch (answer.status()) {
            case 301, 302, 303, 307, 308 -> !answer.location().isEmpty();
            default -> false;
        };
        if (!redirects) {
            return Optional.empty();
        }
        try {
            URI to = new URI(url()).resolve(answer.location());
            String scheme = OrEmpty.of(to.getScheme()).toLowerCase(Locale.ROOT);
            if (to.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
                return Optional.empty();
            }
            String name = to.getHost().startsWith("[")
                    ? to.getHost().substring(1, to.getHost().length() - 1)
                    : to.getHost();
            int usual = scheme.equals("https") ? 443 : 80;
            String query = to.getRawQuery() == null ? "" : '?' + to.getRawQuery();
            return Optional.of(new HttpCall(
                    scheme, name, to.getPort() < 0 ? usual : to.getPort(), OrEmpty.of(to.getRawPath()) + query));
        } catch (URISyntaxException | IllegalArgumentException e) {
            // Nobody can follow it, so it is the answer.
            return Optional.empty();
        }
    }

    private Answer once(List<HTTPHeader> headers, long until) throws IOException {
        try (Socket plain = new Socket()) {
            long leftMs = Math.max(1, (until - System.nanoTime()) / 1_000_000);
            plain.connect(new InetSocketAddress(host, port), Math.toIntExact(Math.min(leftMs, Integer.MAX_VALUE)));
            plain.setSoTimeout(Math.toIntExact(Math.min(leftMs, Integer.MAX_VALUE)));
            // A container's port is not to be held by what nobody will use again.
            plain.setSoLinger(true, 0);
            if (!scheme.equals("https")) {
                return exchange(plain, headers, until);
            }
            try (Socket secure = TRUSTING.createSocket(plain, host, port, true)) {
                return exchange(secure, headers, until);
            }
        }
    }

    private Answer exchange(Socket socket, List<HTTPHeader> headers, long until) throws IOException {
        socket.getOutputStream().write(request(headers).getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        Reader reader = new Reader(socket, socket.getInputStream(), until);
        int budget = HEAD_MAX;
        while (true) {
            String head = head(reader, budget);
            budget -= head.length();
            int status = status(head);
            // What comes first may only say that more will come.
            if (status >= 200 || status == 101) {
                return new Answer(status, header(head, "location"));
            }
        }
    }

    private String request(List<HTTPHeader> headers) {
        StringBuilder request = new StringBuilder("GET ").append(target()).append(" HTTP/1.1\r\n");
        String shown = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        String named = given(headers, "host").orElse(shown + ':' + port);
        line(request, "Host", named);
        line(request, "User-Agent", given(headers, "user-agent").orElse(AGENT));
        line(request, "Accept", given(headers, "accept").orElse("*/*"));
        for (HTTPHeader header : headers) {
            String name = OrEmpty.of(header.getName());
            if (!List.of("host", "user-agent", "accept", "connection", "content-length", "transfer-encoding")
                    .contains(name.toLowerCase(Locale.ROOT))) {
                line(request, name, OrEmpty.of(header.getValue()));
            }
        }
        return request.append("Connection: close\r\n\r\n").toString();
    }

    private static Optional<String> given(List<HTTPHeader> headers, String name) {
        return headers.stream()
                .filter(header -> name.equalsIgnoreCase(header.getName()))
                .map(header -> OrEmpty.of(header.getValue()))
                .findFirst();
    }

    /** A header without a value is left out: so users take away what is there by default. */
    private static void line(StringBuilder request, String name, String value) {
        if (!value.isEmpty()) {
            request.append(clean(name)).append(": ").append(clean(value)).append("\r\n");
        }
    }

    private static String clean(String text) {
        return text.replace('\r', ' ').replace('\n', ' ');
    }

    private static String head(Reader reader, int budget) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < budget) {
            int one = reader.read();
            if (one < 0) {
                throw new EOFException("EOF");
            }
            head.append((char) one);
            if (one == '\n' && (endsWith(head, "\r\n\r\n") || endsWith(head, "\n\n"))) {
                return head.toString();
            }
        }
        throw new IOException("net/http: HTTP/1.x transport connection broken: too many bytes of headers");
    }

    private static boolean endsWith(StringBuilder text, String end) {
        return text.length() >= end.length()
                && text.substring(text.length() - end.length()).equals(end);
    }

    private static int status(String head) throws IOException {
        String line = head.substring(0, head.indexOf('\n')).strip();
        String[] parts = line.split(" ", 3);
        if (parts.length >= 2
                && parts[0].startsWith("HTTP/")
                && STATUS.matcher(parts[1]).matches()) {
            return Integer.parseInt(parts[1]);
        }
        throw new IOException("net/http: HTTP/1.x transport connection broken: malformed HTTP response \""
                + line.substring(0, Math.min(line.length(), 100)) + '"');
    }

    private static String header(String head, String name) {
        return head.lines()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ':'))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    private String text(IOException problem) {
        return text(problem, host, port);
    }

    /** A failure to reach somebody in the words of Go. */
    public static String text(IOException problem, String host, int port) {
        String shown = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        String dial = "dial tcp " + shown + ':' + port + ": ";
        return switch (problem) {
            case SocketTimeoutException e when OrEmpty.of(e.getMessage()).startsWith("Connect") -> dial + "i/o timeout";
            case SocketTimeoutException _ ->
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            case NoRouteToHostException _ -> dial + "connect: no route to host";
            case ConnectException e
            when OrEmpty.of(e.getMessage()).contains("refused") -> dial + "connect: connection refused";
            case ConnectException e when OrEmpty.of(e.getMessage()).contains("timed out") -> dial + "i/o timeout";
            case UnknownHostException _ -> "dial tcp: lookup " + host + ": no such host";
            case EOFException _ -> "EOF";
            default -> OrEmpty.of(problem.getMessage());
        };
    }

    private static SSLSocketFactory trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, SSLUtils.trustManagers(null, (String) null, true, null, null), null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }
}

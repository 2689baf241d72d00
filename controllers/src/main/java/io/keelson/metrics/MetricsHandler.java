package io.keelson.metrics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.manager.ApiAction;
import io.keelson.controllers.manager.Caller;
import io.keelson.controllers.manager.DelegatedAccess;
import io.keelson.controllers.manager.SecurePort;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the API of metrics to those who may read it, as the API server says. */
final class MetricsHandler implements HttpHandler {
    private static final Logger LOG = LoggerFactory.getLogger(MetricsHandler.class);
    private static final JsonMapper JSON = new JsonMapper();
    private static final int QUERY_MAX = 16_384;
    private static final String MASTERS = "system:masters";

    private final DelegatedAccess access;
    private final MetricsAnswers answers;

    MetricsHandler(DelegatedAccess access, MetricsAnswers answers) {
        this.access = access;
        this.answers = answers;
    }

    /** Why there is no answer, in the words of the API. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;

        private final int code;
        private final String reason;

        Refusal(int code, String reason, String message) {
            super(message, null, false, false);
            this.code = code;
            this.reason = reason;
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                send(exchange, 200, answer(exchange));
            } catch (Refusal refusal) {
                send(exchange, refusal.code, status(refusal));
            } catch (KubernetesClientException e) {
                LOG.warn("{}: the API server cannot be asked: {}", exchange.getRequestURI(), e.getMessage());
                send(
                        exchange,
                        500,
                        status(new Refusal(500, "InternalError", "the API server cannot be asked who may")));
            }
        } catch (RuntimeException e) {
            LOG.warn("{}: {}", exchange.getRequestURI(), e.getMessage(), e);
        }
    }

    private String answer(HttpExchange exchange) throws Refusal {
        if (!exchange.getRequestMethod().equals("GET")) {
            throw new Refusal(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        // Of what is no URL of a server there is no path.
        String path = Objects.requireNonNullElse(exchange.getRequestURI().getPath(), "");
        String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
        if (query.length() > QUERY_MAX) {
            throw new Refusal(414, "RequestURITooLong", "the query is longer than " + QUERY_MAX + " characters");
        }
        MetricsPath wanted = MetricsPath.parse(path);
        requireAllowed(exchange, path, wanted);
        String found;
        try {
            found = answers.answer(path, parameters(query), accept(exchange));
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "BadRequest", String.valueOf(e.getMessage()));
        }
        if (found == null) {
            throw wanted instanceof MetricsPath.Objects objects
                    ? new Refusal(404, "NotFound", resource(objects) + " \"" + shown(objects) + "\" not found")
                    : new Refusal(404, "NotFound", "the server could not find the requested resource");
        }
        return found;
    }

    private static String resource(MetricsPath.Objects objects) {
        return objects.resource() + '.' + MetricsPath.GROUP;
    }

    private static String shown(MetricsPath.Objects objects) {
        return objects.namespace().isEmpty() ? objects.name() : objects.namespace() + '/' + objects.name();
    }

    private void requireAllowed(HttpExchange exchange, String path, @Nullable MetricsPath wanted) throws Refusal {
        List<X509Certificate> chain = SecurePort.certificates(exchange);
        Caller caller = access.caller(chain, exchange.getRequestHeaders());
        if (caller == null) {
            throw new Refusal(401, "Unauthorized", "Unauthorized");
        }
        if (caller.groups().contains(MASTERS)) {
            return;
        }
        if (wanted instanceof MetricsPath.Objects objects) {
            ApiAction action = new ApiAction(
                    objects.verb(),
                    MetricsPath.GROUP,
                    MetricsPath.VERSION,
                    objects.resource(),
                    objects.namespace(),
                    objects.name());
            if (!access.mayDo(caller, action)) {
                throw new Refusal(403, "Forbidden", forbidden(caller, objects));
            }
        } else if (access.may("get", path, chain, exchange.getRequestHeaders()) != DelegatedAccess.Answer.ALLOWED) {
            throw new Refusal(
                    403, "Forbidden", "forbidden: User \"" + caller.name() + "\" cannot get path \"" + path + '"');
        }
    }

    private static String forbidden(Caller caller, MetricsPath.Objects objects) {
        String which = objects.name().isEmpty() ? "" : " \"" + objects.name() + '"';
        String where = objects.namespace().isEmpty()
                ? " at the cluster scope"
                : " in the namespace \"" + objects.namespace() + '"';
        return resource(objects) + which + " is forbidden: User \"" + caller.name() + "\" cannot " + objects.verb()
                + " resource \"" + objects.resource() + "\" in API group \"" + MetricsPath.GROUP + '"' + where;
    }

    private static String accept(HttpExchange exchange) {
        List<String> accept = exchange.getRequestHeaders().get("Accept");
        return accept == null ? "" : String.join(",", accept);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                parameters.putIfAbsent(
                        URLDecoder.decode(parameter.substring(0, equals), StandardCharsets.UTF_8),
                        URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    private static String status(Refusal refusal) {
        ObjectNode status = JSON.createObjectNode().put("kind", "Status").put("apiVersion", "v1");
        status.putObject("metadata");
        return status.put("status", "Failure")
                .put("message", refusal.getMessage())
                .put("reason", refusal.reason)
                .put("code", refusal.code)
                .toString();
    }

    private static void send(HttpExchange exchange, int code, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("Cache-Control", "no-cache, private");
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
    }
}

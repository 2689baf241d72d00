package io.keelson.kvstore.server.net;

import io.keelson.kvstore.gateway.HttpExchange;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What exchanges of all versions of HTTP have in common: the request line, and who wants to know of the end. */
abstract class AbstractExchange implements HttpExchange {
    private static final Logger log = LoggerFactory.getLogger(AbstractExchange.class);

    private final String method;
    private final QueryStringDecoder target;
    private final boolean secure;
    private @Nullable Runnable onClosed;
    private boolean closed;

    AbstractExchange(String method, String target, boolean secure) {
        this.method = method;
        this.target = new QueryStringDecoder(target);
        this.secure = secure;
    }

    @Override
    public final String method() {
        return method;
    }

    @Override
    public final String path() {
        return target.rawPath();
    }

    @Override
    public final Map<String, List<String>> query() {
        try {
            return target.parameters();
        } catch (IllegalArgumentException e) {
            log.debug("a query that cannot be decoded counts as none", e);
            return Map.of();
        }
    }

    @Override
    public final boolean secure() {
        return secure;
    }

    @Override
    public final void onClosed(Runnable action) {
        boolean now;
        synchronized (this) {
            now = closed;
            Runnable before = onClosed;
            onClosed = before == null
                    ? action
                    : () -> {
                        before.run();
                        action.run();
                    };
        }
        if (now) {
            action.run();
        }
    }

    /** The client is gone, or the answer complete. Repeated calls do nothing. */
    final void closed() {
        Runnable action;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            action = onClosed;
        }
        if (action != null) {
            action.run();
        }
    }
}

package io.keelson.apiserver.http;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.Query;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.RequestInfoParser;
import io.keelson.apiserver.request.RequestTarget;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the handler for each request on a virtual thread of its own, and sees to it that every request is answered. */
final class RequestRunner {
    private static final Logger log = LoggerFactory.getLogger(RequestRunner.class);
    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("request").factory();

    private final Handler handler;
    private final ResponseSender sender;
    private final GoAway goAway;
    private final InstantSource clock;
    private final AtomicInteger running = new AtomicInteger();

    RequestRunner(Handler handler, ResponseSender sender, GoAway goAway, InstantSource clock) {
        this.handler = handler;
        this.sender = sender;
        this.goAway = goAway;
        this.clock = clock;
    }

    /** Requests under way. */
    int running() {
        return running.get();
    }

    /** @param done called when the request's thread ends, answered or not */
    void start(Exchange exchange, Runnable done) {
        running.incrementAndGet();
        THREADS.newThread(() -> {
                    try {
                        run(exchange);
                    } catch (Throwable e) {
                        log.error("A request could not be answered", e);
                        exchange.abort();
                    } finally {
                        running.decrementAndGet();
                        done.run();
                    }
                })
                .start();
    }

    private void run(Exchange exchange) {
        RequestHead head = exchange.head();
        Instant received = clock.instant();
        String auditId = AuditIds.of(head.headers().first(AuditIds.HEADER));
        ApiRequest request;
        try {
            RequestTarget target = RequestTarget.parse(head.target());
            RequestInfo info = RequestInfoParser.parse(head.method(), target.path(), target.query());
            request = request(exchange, info, target.query(), auditId, received);
        } catch (ApiException e) {
            String verb = head.method().toLowerCase(Locale.ROOT);
            RequestInfo nothing = new RequestInfo(head.target(), verb, false, "", "", "", "", "", "", "", "");
            request = request(exchange, nothing, Query.NONE, auditId, received);
            sender.send(exchange, request, StatusWriter.response(e, request));
            return;
        }
        if (goAway.due(request.info())) {
            exchange.askToLeave();
        }
        ApiResponse response = answer(request);
        if (request.asksToLeave()) {
            exchange.askToLeave();
        }
        if (request.endsConnection()) {
            exchange.endConnection();
        }
        sender.send(exchange, request, response);
    }

    private static ApiRequest request(
            Exchange exchange, RequestInfo info, Query query, String auditId, Instant received) {
        return new ApiRequest(
                exchange.head().method(),
                exchange.head().target(),
                info,
                query,
                exchange.head().headers(),
                exchange.body(),
                exchange.remote(),
                exchange.clientCertificates(),
                auditId,
                received,
                exchange::isGone);
    }

    private ApiResponse answer(ApiRequest request) {
        try {
            return handler.handle(request);
        } catch (ApiException e) {
            if (e.getCause() != null) {
                log.warn("Request {} failed: {}", request.auditId(), e.message(), e.getCause());
            }
            return StatusWriter.response(e, request);
        } catch (InterruptedException e) {
            return StatusWriter.response(ApiException.interrupted(), request);
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            log.error(
                    "Request {} ({} {}) failed",
                    request.auditId(),
                    request.method(),
                    request.info().path(),
                    e);
            return StatusWriter.response(
                    ApiException.internal(
                            "this request caused apiserver to fail (audit ID: " + request.auditId() + ")", null),
                    request);
        }
    }
}

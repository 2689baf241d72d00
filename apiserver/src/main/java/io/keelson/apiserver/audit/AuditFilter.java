package io.keelson.apiserver.audit;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.errors.Reason;
import io.keelson.apiserver.request.ApiRequest;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Filter;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.request.RequestInfo;
import java.time.InstantSource;
import java.util.List;

/**
 * Writes requests down. Stands behind authentication, so that it is known who asks, and before everything that may refuse a
 * request or change who asks.
 */
final class AuditFilter implements Filter {
    private final AuditPolicy policy;
    private final List<Sink> sinks;
    private final AuditCounts counts;
    private final InstantSource clock;

    AuditFilter(AuditPolicy policy, List<Sink> sinks, AuditCounts counts, InstantSource clock) {
        this.policy = policy;
        this.sinks = sinks;
        this.counts = counts;
        this.clock = clock;
    }

    @Override
    public ApiResponse filter(ApiRequest request, Handler next) throws InterruptedException {
        AuditPolicy.Wanted wanted = policy.wanted(request.info(), request.user());
        if (wanted.level() == Level.NONE) {
            return next.handle(request);
        }
        AuditRecord record = new AuditRecord(request, request.user(), wanted);
        request.auditedBy(record);
        if (!write(record, Stage.REQUEST_RECEIVED)) {
            counts.reject();
            throw ApiException.internal("failed to store audit event", null);
        }
        ApiResponse response;
        try {
            response = next.handle(request);
        } catch (ApiException e) {
            record.refused(e);
            complete(record, request.info());
            throw e;
        } catch (InterruptedException e) {
            record.refused(ApiException.of(Reason.SERVICE_UNAVAILABLE, "the request was interrupted"));
            complete(record, request.info());
            throw e;
        } catch (RuntimeException | Error e) {
            record.failed(e);
            write(record, Stage.PANIC);
            throw e;
        }
        return switch (response) {
            case ApiResponse.Whole whole -> {
                record.answered(whole);
                complete(record, request.info());
                yield whole;
            }
            case ApiResponse.Streamed streamed -> {
                begin(record, streamed.status(), request.info());
                yield new ApiResponse.Streamed(streamed.status(), streamed.headers(), out -> {
                    try {
                        streamed.writer().write(out);
                    } finally {
                        write(record, Stage.RESPONSE_COMPLETE);
                    }
                });
            }
            case ApiResponse.Upgraded upgraded -> {
                begin(record, upgraded.status(), request.info());
                yield new ApiResponse.Upgraded(upgraded.headers(), (in, out) -> {
                    try {
                        upgraded.conversation().run(in, out);
                    } finally {
                        write(record, Stage.RESPONSE_COMPLETE);
                    }
                });
            }
        };
    }

    /** Those that last are told of when their answer begins, too. */
    private void begin(AuditRecord record, int code, RequestInfo info) throws InterruptedException {
        record.begun(code);
        if (info.lasts()) {
            write(record, Stage.RESPONSE_STARTED);
        }
    }

    private void complete(AuditRecord record, RequestInfo info) throws InterruptedException {
        if (info.lasts()) {
            write(record, Stage.RESPONSE_STARTED);
        }
        write(record, Stage.RESPONSE_COMPLETE);
    }

    /** A request of somebody who is not let in is answered at once. */
    void unauthenticated(ApiRequest request) throws InterruptedException {
        AuditPolicy.Wanted wanted = policy.wanted(request.info(), null);
        if (wanted.level() == Level.NONE) {
            return;
        }
        AuditRecord record = new AuditRecord(request, null, wanted);
        request.auditedBy(record);
        record.refused(ApiException.unauthorized());
        write(record, Stage.RESPONSE_STARTED);
    }

    private boolean write(AuditRecord record, Stage stage) throws InterruptedException {
        if (!record.wants(stage)) {
            return true;
        }
        counts.event();
        AuditEvent event = record.event(stage, clock.instant());
        boolean stored = true;
        for (Sink sink : sinks) {
            stored &= sink.take(event);
        }
        return stored;
    }
}

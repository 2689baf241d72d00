package io.keelson.apiserver.audit;

import io.keelson.apiserver.errors.ApiException;
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
        counts.request(wanted.level());
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
            record.refused(ApiException.interrupted());
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
                begin(record, streamed, request.info());
                yield new ApiResponse.Streamed(streamed.status(), streamed.headers(), out -> {
                    try {
                        streamed.writer().write(out);
                    } finally {
                        end(record);
                    }
                });
            }
            case ApiResponse.Upgraded upgraded -> {
                begin(record, upgraded, request.info());
                yield new ApiResponse.Upgraded(upgraded.headers(), (in, out) -> {
                    try {
                        upgraded.conversation().run(in, out);
                    } finally {
                        end(record);
                    }
                });
            }
        };
    }

    /** Those that last are told of when their answer begins, too. */
    private void begin(AuditRecord record, ApiResponse response, RequestInfo info) throws InterruptedException {
        try {
            record.begun(response.status());
            if (info.lasts()) {
                write(record, Stage.RESPONSE_STARTED);
            }
        } catch (InterruptedException | RuntimeException e) {
            response.abandon();
            throw e;
        }
    }

    /** An interrupt told the one who wrote the answer that its client has left; this is written down in spite of it. */
    private void end(AuditRecord record) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        try {
            write(record, Stage.RESPONSE_COMPLETE);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
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
        counts.request(wanted.level());
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

package io.keelson.kvstore.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.client.OutcomeUnknownException;
import org.jspecify.annotations.Nullable;

/** What etcd's Go client would say about a failed call. */
final class ErrorText {
    private ErrorText() {}

    static String of(Throwable failure) {
        if (failure instanceof StatusRuntimeException e) {
            return of(e.getStatus());
        }
        if (failure instanceof OutcomeUnknownException e) {
            return rpcError(
                    e.status().getCode(), e.getMessage() + " (" + e.status().getDescription() + ")");
        }
        String text = failure.getMessage();
        return ByteText.ofText(text == null ? failure.toString() : text);
    }

    static String of(Status status) {
        String text = status.getDescription();
        if (text != null && text.startsWith("etcdserver: ")) {
            return ByteText.ofText(text);
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "context deadline exceeded";
        }
        if (status.getCode() == Status.Code.CANCELLED) {
            return "context canceled";
        }
        return rpcError(status.getCode(), text);
    }

    private static String rpcError(Status.Code code, @Nullable String text) {
        return "rpc error: code = " + goName(code) + " desc = " + (text == null ? "" : ByteText.ofText(text));
    }

    private static String goName(Status.Code code) {
        if (code == Status.Code.OK) {
            return "OK";
        }
        if (code == Status.Code.CANCELLED) {
            return "Canceled";
        }
        StringBuilder name = new StringBuilder();
        boolean start = true;
        for (char c : code.name().toCharArray()) {
            if (c == '_') {
                start = true;
                continue;
            }
            name.append(start ? c : Character.toLowerCase(c));
            start = false;
        }
        return name.toString();
    }
}

package io.keelson.apiserver.kinds.pod;

import io.keelson.apiserver.kinds.common.ObjectRules;
import io.keelson.apiserver.validation.Names;
import io.keelson.apiserver.validation.Place;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What is wrong with what is done to a container from outside: probes, and handlers at its start and end. */
final class HandlerRules {
    private static final List<String> OF_PROBES = List.of("exec", "httpGet", "tcpSocket", "grpc");
    private static final List<String> OF_LIFECYCLE = List.of("exec", "httpGet", "tcpSocket", "sleep");

    private static final String[] LINUX_SIGNALS = linuxSignals();

    private HandlerRules() {}

    private static String[] linuxSignals() {
        Stream<String> named =
                Stream.of(("ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT"
                                + " SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN"
                                + " RTMAX")
                        .split(" "));
        Stream<String> low = IntStream.rangeClosed(1, 15).mapToObj(n -> "RTMIN+" + n);
        Stream<String> high = IntStream.rangeClosed(1, 14).mapToObj(n -> "RTMAX-" + n);
        return Stream.concat(named, Stream.concat(low, high))
                .map(name -> "SIG" + name)
                .sorted()
                .toArray(String[]::new);
    }

    static void liveness(Place probe, PodContext pod) {
        startup(probe, pod);
    }

    static void startup(Place probe, PodContext pod) {
        if (probe.present()) {
            probe(probe, pod);
            if (probe.at("successThreshold").number() != 1) {
                probe.at("successThreshold")
                        .invalid(probe.at("successThreshold").number(), "must be 1");
            }
        }
    }

    static void readiness(Place probe, PodContext pod) {
        if (probe.present()) {
            probe(probe, pod);
            if (probe.at("terminationGracePeriodSeconds").present()) {
                probe.at("terminationGracePeriodSeconds").invalid("must not be set for readinessProbes");
            }
        }
    }

    static void lifecycle(Place lifecycle, PodContext pod) {
        for (String when : List.of("postStart", "preStop")) {
            if (lifecycle.at(when).present()) {
                handler(lifecycle.at(when), OF_LIFECYCLE, pod);
            }
        }
        if (lifecycle.at("stopSignal").present()) {
            stopSignal(lifecycle.at("stopSignal"), pod);
        }
    }

    private static void stopSignal(Place signal, PodContext pod) {
        switch (pod.os()) {
            case "" -> signal.forbidden("may not be set for containers with empty `spec.os.name`");
            case "windows" -> signal.oneOf("SIGKILL", "SIGTERM");
            default -> signal.oneOf(LINUX_SIGNALS);
        }
    }

    private static void probe(Place probe, PodContext pod) {
        handler(probe, OF_PROBES, pod);
        for (String field : List.of(
                "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")) {
            probe.at(field).notNegative();
        }
        Place grace = probe.at("terminationGracePeriodSeconds");
        if (grace.present() && grace.number() <= 0) {
            grace.invalid("must be greater than 0");
        }
    }

    private static void handler(Place handler, List<String> types, PodContext pod) {
        boolean found = false;
        for (String type : types) {
            Place action = handler.at(type);
            if (action.absent()) {
                continue;
            }
            if (found) {
                action.forbidden("may not specify more than 1 handler type");
                continue;
            }
            found = true;
            switch (type) {
                case "exec" -> action.at("command").mustBeFilled();
                case "httpGet" -> request(action);
                case "tcpSocket" -> ObjectRules.portNumberOrName(action.at("port"));
                case "grpc" -> ObjectRules.port(action.at("port"));
                default -> sleep(action, pod);
            }
        }
        if (!found) {
            handler.required("must specify a handler type");
        }
    }

    private static void request(Place request) {
        request.at("path").mustBeFilled();
        ObjectRules.portNumberOrName(request.at("port"));
        if (!List.of("HTTP", "HTTPS").contains(request.at("scheme").text())) {
            request.at("scheme").notSupported("HTTP", "HTTPS");
        }
        for (Place header : request.at("httpHeaders").items()) {
            header.at("name").as(request.at("httpHeaders").path()).check(Names::headerName);
        }
    }

    private static void sleep(Place sleep, PodContext pod) {
        Place grace = pod.gracePeriodSeconds();
        long seconds = sleep.at("seconds").number();
        if (grace.present() && (seconds < 0 || seconds > grace.number())) {
            sleep.invalid(
                    seconds,
                    "must be non-negative and less than terminationGracePeriodSeconds (" + grace.number() + ")");
        }
    }
}

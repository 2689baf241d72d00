package io.keelson.dist.up.check;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.dist.up.DataOption;
import io.keelson.dist.up.JoinFile;
import io.keelson.dist.up.ProcessFile;
import io.keelson.dist.up.Reason;
import io.keelson.dist.up.Root;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keelson check}: what this machine lacks. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Says what this machine lacks for a cluster with real pods, and what to do about it. Changes nothing.",
            "Ends with 1 if something is missing that it cannot do without."
        })
public final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Option(
            names = "--bind-address",
            paramLabel = "IP",
            description = "Where the API would listen. Default: 0.0.0.0 if pods can run here, which have to reach it;"
                    + " else 127.0.0.1")
    private @Nullable String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "6443",
            paramLabel = "PORT",
            description = "On which port; 0 for nowhere, as on a machine that is to join a cluster. Default: 6443")
    private int port;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            paramLabel = "FORMAT",
            description = "text or json. Default: text")
    private Format format;

    private enum Format {
        text,
        json
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            Path folder = data.folder();
            long runner = ProcessFile.read(folder)
                    .map(running -> running.handle().pid())
                    .orElse(0L);
            String address = bindAddress != null ? bindAddress : Root.is() ? "0.0.0.0" : "127.0.0.1";
            // On a machine that has joined a cluster no API is served.
            int served = JoinFile.isIn(folder) ? 0 : port;
            Facts facts = new MachineReader(
                            new KernelFiles(Path.of("/")), new MachineReader.Plan(folder, address, served, runner))
                    .read();
            List<Finding> findings = judge(facts);
            if (format == Format.json) {
                out.println(json(findings));
            } else {
                findings.forEach(finding -> out.println(finding.line()));
            }
            out.flush();
            return isFit(findings) ? 0 : 1;
        } catch (IOException | IllegalArgumentException e) {
            spec.commandLine().getErr().println("keelson check: " + Reason.of(e));
            return 1;
        }
    }

    /** All that is to be said of a machine. */
    static List<Finding> judge(Facts facts) {
        boolean isRoot = facts.kernel().isRoot();
        List<Finding> findings = new ArrayList<>(SystemJudge.judge(facts.kernel()));
        findings.addAll(CgroupJudge.judge(facts.cgroups(), isRoot));
        findings.addAll(RoomJudge.judge(facts.room()));
        findings.addAll(NetworkJudge.judge(
                facts.network(), isRoot, facts.node().plugins().isPresent()));
        findings.addAll(NodeJudge.judge(facts.node()));
        return findings;
    }

    static boolean isFit(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.verdict() == Verdict.MISSING);
    }

    static String json(List<Finding> findings) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode whole = mapper.createObjectNode().put("fit", isFit(findings));
        ArrayNode list = whole.putArray("findings");
        for (Finding finding : findings) {
            list.addObject()
                    .put("thing", finding.thing())
                    .put("verdict", finding.verdict().title())
                    .put("state", finding.state())
                    .put("advice", finding.advice());
        }
        return whole.toPrettyString();
    }
}

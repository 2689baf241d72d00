package io.keelson.kvstore.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.kvstore.bolt.RealEtcd;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The flags that a real etcd lists in its help are flags here, with the same defaults.
 *
 * <p>Needs {@code KEELSON_ETCD} and {@code KEELSON_ETCDCTL}; skipped without.
 */
class EtcdFlagsTest {
    private static final Pattern LINE = Pattern.compile("(?m)^ +--([a-z0-9-]+)(?: (.*))?$");

    /** Whose default is told otherwise, and why. */
    private static final Map<String, String> OTHER_DEFAULTS = Map.of(
            "data-dir", "etcd's help tells what the empty value comes to",
            "initial-cluster", "etcd's help tells what the empty value comes to",
            "snapshot-count", "as in etcd 3.5; 3.6 has another");

    /** The flags of a help with what it shows as their defaults, which is nothing for some. */
    private static List<MatchResult> listed(RealEtcd.Programs programs) throws Exception {
        Process help = new ProcessBuilder(programs.etcd().toString(), "--help")
                .redirectErrorStream(true)
                .start();
        String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, help.waitFor(), text);
        List<MatchResult> flags = LINE.matcher(text).results().toList();
        assertTrue(flags.size() > 80, text);
        return flags;
    }

    private static String shownDefault(String shown) {
        return shown.equals("'math.MaxUint32'") ? "4294967295" : shown.replaceAll("^'|'$", "");
    }

    private static boolean same(Flag flag, String theirs) {
        return flag.type() == Flag.Type.DURATION
                ? GoDuration.parse(flag.defaultValue()).equals(GoDuration.parse(theirs))
                : flag.defaultValue().equals(theirs);
    }

    @Test
    void everyFlagOfAnEtcdIsKnownAndThoseThatDoSomethingHaveItsDefault() throws Exception {
        var programs = RealEtcd.Programs.find();
        Assumptions.assumeTrue(programs.isPresent(), "KEELSON_ETCD and KEELSON_ETCDCTL name no real etcd");
        List<String> differing = new ArrayList<>();
        for (MatchResult line : listed(programs.get())) {
            String name = line.group(1);
            String shown = line.group(2);
            Flag flag = Flags.named(name);
            if (flag == null) {
                differing.add(name + " is not known");
                continue;
            }
            boolean effective = flag.use() == Flag.Use.EFFECTIVE || flag.use() == Flag.Use.RENAMED;
            if (effective
                    && shown != null
                    && !shown.isEmpty()
                    && !OTHER_DEFAULTS.containsKey(name)
                    && !same(flag, shownDefault(shown))) {
                differing.add(name + " is " + flag.defaultValue() + ", and " + shown + " in etcd");
            }
        }
        assertEquals(List.of(), differing);
    }
}

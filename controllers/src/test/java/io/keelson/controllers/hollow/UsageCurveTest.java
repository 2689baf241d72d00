package io.keelson.controllers.hollow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.hollow.UsageCurve.Ramp;
import io.keelson.controllers.hollow.UsageCurve.Steady;
import io.keelson.controllers.hollow.UsageCurve.Wave;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageCurveTest {
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    private static Map<String, UsageCurve> usage(String yaml) {
        return PodRules.parse("rules: [{usage: " + yaml + "}]", 1)
                .rules()
                .getFirst()
                .usage();
    }

    @Test
    void rulesSayWhatPodsUse() {
        assertEquals(new Steady(250), usage("{cpu: 250m}").get("cpu"));
        assertEquals(new Steady(2000), usage("{cpu: 2}").get("cpu"));
        assertEquals(
                new Ramp(100, 900, Duration.ofMinutes(5)),
                usage("{cpu: {from: 100m, to: 900m, over: 5m}}").get("cpu"));
        assertEquals(
                new Wave(1_024_000, 2_048_000, Duration.ofHours(1)),
                usage("{memory: {from: 1Ki, to: 2Ki, period: 1h}}").get("memory"));
        assertEquals(UsageCurve.DEFAULTS.get("cpu"), usage("{memory: 1Mi}").get("cpu"));
        assertEquals(
                UsageCurve.DEFAULTS,
                PodRules.parse("rules: [{}]", 1).rules().getFirst().usage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{cpu: much}                               | rules[0]: usage.cpu: \"much\" is no amount",
                "{cpu: -1}                                 | rules[0]: usage.cpu: nothing can use -1",
                "{gpu: 1}                                  | usage can be of cpu and memory, not of gpu",
                "[cpu]                                     | usage must have cpu, memory or both",
                "{cpu: {from: 1, to: 2}}                   | must be an amount, or have from, to and either over or period",
                "{cpu: {from: 1, to: 2, over: 1m, period: 1m}} | must be an amount, or have from, to",
                "{cpu: {from: 1, to: 2, over: 0}}          | over must be longer than nothing",
                "{cpu: {from: 1, to: 2, over: soon}}       | invalid duration",
                "{cpu: [1]}                                | must be an amount",
                "{cpu: {from: {}, to: 2, over: 1m}}        | is no amount"
            })
    void whatMakesNoSenseIsRefusedWithWhereItIs(String yaml, String message) {
        String said = Objects.requireNonNull(
                assertThrows(IllegalArgumentException.class, () -> usage(yaml)).getMessage());
        assertTrue(said.contains(message), said);
    }

    @Test
    void anAmountOfMoreDigitsThanMemoryHoldsIsNotWrittenOut() {
        assertEquals(new Steady(Long.MAX_VALUE), usage("{cpu: \"1e999999\"}").get("cpu"));
    }

    @Test
    void aRampBeginsWhenThePodRunsAndStays() {
        Ramp ramp = new Ramp(100, 900, Duration.ofMinutes(4));
        assertEquals(100, ramp.at(SINCE, SINCE));
        assertEquals(300, ramp.at(SINCE, SINCE.plus(Duration.ofMinutes(1))));
        assertEquals(900, ramp.at(SINCE, SINCE.plus(Duration.ofMinutes(4))));
        assertEquals(900, ramp.at(SINCE, SINCE.plus(Duration.ofDays(400))));
        assertEquals(100, ramp.at(SINCE, SINCE.minus(Duration.ofDays(1))), "the clock was set back");
    }

    @Test
    void aWaveIsTheSameForAllPods() {
        Wave wave = new Wave(100, 900, Duration.ofHours(1));
        for (Instant since : new Instant[] {SINCE, SINCE.minusSeconds(7)}) {
            assertEquals(100, wave.at(since, SINCE));
            assertEquals(500, wave.at(since, SINCE.plus(Duration.ofMinutes(15))));
            assertEquals(900, wave.at(since, SINCE.plus(Duration.ofMinutes(30))));
            assertEquals(100, wave.at(since, SINCE.plus(Duration.ofHours(7))));
        }
    }

    @Property(seed = "4", tries = 300)
    void noCurveLeavesWhatItGoesBetween(
            @ForAll @LongRange(min = 0) long one,
            @ForAll @LongRange(min = 0) long other,
            @ForAll @LongRange(min = 1, max = 1L << 41) long span,
            @ForAll @LongRange(min = -(1L << 41), max = 1L << 41) long passed) {
        Duration duration = Duration.ofMillis(span);
        Instant now = SINCE.plusMillis(passed);
        for (UsageCurve curve : new UsageCurve[] {new Ramp(one, other, duration), new Wave(one, other, duration)}) {
            long used = curve.at(SINCE, now);
            assertTrue(used >= Math.min(one, other) && used <= Math.max(one, other), () -> curve + " is at " + used);
        }
    }
}

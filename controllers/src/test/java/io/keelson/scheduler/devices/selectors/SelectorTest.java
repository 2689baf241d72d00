package io.keelson.scheduler.devices.selectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.resource.v1.Device;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceAttributeBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.DeviceCapacityBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static final String DRIVER = "gpu.example.com";
    private static final Device GPU = new DeviceBuilder()
            .withName("gpu-0")
            .withAttributes(Map.of(
                    "model", new DeviceAttributeBuilder().withString("a100").build(),
                    "cores", new DeviceAttributeBuilder().withInt(64L).build(),
                    "shared", new DeviceAttributeBuilder().withBool(true).build(),
                    "other.com/version",
                            new DeviceAttributeBuilder()
                                    .withVersion("1.10.0-rc.2")
                                    .build()))
            .withCapacity(Map.of(
                    "memory",
                    new DeviceCapacityBuilder().withValue(new Quantity("40Gi")).build()))
            .build();

    private final SelectorCache cache = new SelectorCache();

    private boolean selects(String expression) throws SelectorException {
        return cache.get(expression).selects(DRIVER, GPU);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "device.driver == 'gpu.example.com'",
                "device.attributes['gpu.example.com'].model == 'a100'",
                "device.attributes['gpu.example.com'].model.startsWith('a')",
                "device.attributes['gpu.example.com'].cores > 32",
                "device.attributes['gpu.example.com'].shared",
                "'other.com' in device.attributes && !('unknown.com' in device.attributes)",
                "!has(device.attributes['gpu.example.com'].unknown)",
                "device.attributes['other.com'].version.isGreaterThan(semver('1.9.0'))",
                "device.attributes['other.com'].version.isLessThan(semver('v1.10', true))",
                "device.attributes['other.com'].version.minor() == 10",
                "device.capacity['gpu.example.com'].memory.compareTo(quantity('40960Mi')) == 0",
                "device.capacity['gpu.example.com'].memory.isGreaterThan(quantity('1k').add(5))",
                "device.capacity['gpu.example.com'].?hbm.orValue(quantity('0')).isLessThan(quantity('1'))",
                "!device.allowMultipleAllocations",
                "isQuantity('1.5Gi') && !isQuantity('1.5Go') && isSemver('1.2.3') && !isSemver('1.2')",
                "cel.bind(gpu, device.attributes['gpu.example.com'], gpu.model == 'a100' && gpu.shared)",
                "device.attributes['gpu.example.com'].model.matches('^a[0-9]+$')",
                "[1, 2, 2].isSorted() && !['b', 'a'].isSorted() && [].isSorted()",
                "[1, 2, 3].sum() == 6 && [0.5, 1.5].sum() == 2.0 && [1, 2].map(x, x * 2).sum() == 6",
                "[3, 1, 2].min() == 1 && ['a', 'c', 'b'].max() == 'c'",
                "[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(5) == -1",
                "[device.attributes['gpu.example.com'].cores, 100].max() == 100",
                "device.attributes['gpu.example.com'].model.find('[0-9]+') == '100' && 'x'.find('y') == ''",
                "'a1b22c3'.findAll('[0-9]+') == ['1', '22', '3'] && 'a1b22'.findAll('[0-9]', 2) == ['1', '2']",
                "ip('10.0.0.1').family() == 4 && ip('::1').isLoopback() && isIP('fe80::1') && !isIP('010.0.0.1')",
                "!isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0') && !isIP('localhost') && !isIP('')",
                "ip.isCanonical('2001:db8::') && !ip.isCanonical('2001:DB8::') && string(ip('2001:DB8::')) =="
                        + " '2001:db8::'",
                "ip('8.8.8.8').isGlobalUnicast() && !ip('255.255.255.255').isGlobalUnicast()",
                "ip('0.0.0.0').isUnspecified() && ip('169.254.1.1').isLinkLocalUnicast()",
                "ip('224.0.0.5').isLinkLocalMulticast() && ip('ff02::1').isLinkLocalMulticast()",
                "cidr('10.1.0.0/16').containsIP('10.1.2.3') && !cidr('10.1.0.0/16').containsIP(ip('10.2.0.1'))",
                "cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16') &&"
                        + " !cidr('10.0.0.0/8').containsCIDR(cidr('10.0.0.0/7'))",
                "cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8') && cidr('10.1.2.3/8').ip() == ip('10.1.2.3')",
                "cidr('::1/128').prefixLength() == 128 && string(cidr('10.1.2.3/8')) == '10.1.2.3/8'",
                "url('https://me@example.com:80/a b?c=d&c=e%20f').getHost() == 'example.com:80'",
                "url('HTTPS://[::1]:443/x').getHostname() == '::1' && url('https://[::1]:443/x').getPort() == '443'",
                "url('/a b%20c').getEscapedPath() == '/a%20b%20c' && url('https://a/?c=d&c=e%20f').getQuery()['c'][1]"
                        + " == 'e f'",
                "url('HTTPS://a').getScheme() == 'https' && isURL('mailto:a') && isURL('*') && !isURL('a') &&"
                        + " !isURL('')",
                "!isURL('https://a:b/') && !isURL('/%zz') && !isURL(':a') && isURL('https://a/%41?%zz')",
                "!format.dns1123Label().validate('my-name').hasValue() &&"
                        + " format.dns1123Label().validate('My').hasValue()",
                "format.named('uuid').hasValue() && !format.named('colour').hasValue()",
                "!format.qualifiedName().validate('example.com/My_Name').hasValue()",
                "format.qualifiedName().validate('a/b/c').value().size() == 1",
                "!format.dns1123LabelPrefix().validate('my-').hasValue() &&"
                        + " !format.labelValue().validate('').hasValue()",
                "!format.date().validate('2026-02-28').hasValue() && format.date().validate('2026-02-30').hasValue()",
                "!format.datetime().validate('2026-02-28T00:00:00Z').hasValue() &&"
                        + " !format.byte().validate('YQ==').hasValue()",
                "format.byte().validate('YQ').hasValue() && format.uri().validate('a').hasValue()",
                "'%s has %d%%'.format([dyn('a'), dyn(3)]) == 'a has 3%' && '%s'.format([{'k': 2.50}]) == '{k: 2.5}'",
                "'%.2f %e %b %o %x %X'.format([dyn(1.5), dyn(1500.0), dyn(5), dyn(8), dyn(255), dyn('k')]) == '1.50"
                        + " 1.500000e+03 101 10 ff 6B'",
                "isCIDR('10.0.0.0/32') && !isCIDR('10.0.0.0/33') && !isCIDR('10.0.0.0/08') && !isCIDR('10.0.0.0')",
            })
    void seeADevice(String expression) throws SelectorException {
        assertTrue(selects(expression), expression);
    }

    @Test
    void whatADeviceDoesNotHaveIsAnError() {
        String message = String.valueOf(
                assertThrows(SelectorException.class, () -> selects("device.attributes['unknown.com'].model == 'a'"))
                        .getMessage());
        assertTrue(message.startsWith("runtime error: "), message);
        assertThrows(SelectorException.class, () -> selects("device.attributes['gpu.example.com'].model"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "device.driver", "device.", "device.name == 'a'", "quantity(1) == quantity('1')", "{", "(("})
    void thatMeanNothingDoNotCompile(String expression) {
        String message = String.valueOf(assertThrows(SelectorException.class, () -> cache.get(expression))
                .getMessage());
        assertTrue(message.startsWith("compile error: "), message);
    }

    @Test
    void thatAreHostileEnd() {
        String loop = "['a','b','c','d','e','f','g','h','i','j']";
        String deep = loop + ".all(a, " + loop + ".all(b, " + loop + ".all(c, " + loop + ".all(d, " + loop + ".all(e, "
                + loop + ".all(f, " + loop + ".all(g, a + b + c + d + e + f + g != '')))))))";
        String message = String.valueOf(
                assertThrows(SelectorException.class, () -> selects(deep)).getMessage());
        assertTrue(message.startsWith("runtime error: "), message);
        assertThrows(SelectorException.class, () -> cache.get("(".repeat(5_000) + "true" + ")".repeat(5_000)));
        assertThrows(SelectorException.class, () -> cache.get("true" + " || true".repeat(5_000)));
        assertThrows(IllegalArgumentException.class, () -> DecimalQuantity.parse("1e999999999"));
        assertThrows(IllegalArgumentException.class, () -> DecimalQuantity.parse("1".repeat(1000)));
        assertThrows(IllegalArgumentException.class, () -> SemanticVersion.parse("9".repeat(1000) + ".0.0"));
    }

    @Test
    void areCompiledOnceAndOnlySoManyAreKept() throws SelectorException {
        Selector first = cache.get("true");
        assertSame(first, cache.get("true"));
        for (int i = 0; i < 1_000; i++) {
            assertThrows(SelectorException.class, () -> cache.get("("));
            assertFalse(selects("1 == 2"));
        }
        assertSame(first, cache.get("true"));
    }

    @Test
    void versionsAreOrderedAsSemanticVersioningSays() {
        String[] ascending = {
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.1",
            "1.1.0",
            "2.0.0"
        };
        for (int i = 0; i < ascending.length; i++) {
            for (int j = 0; j < ascending.length; j++) {
                SemanticVersion one = SemanticVersion.parse(ascending[i]);
                SemanticVersion other = SemanticVersion.parse(ascending[j]);
                assertEquals(Integer.signum(i - j), Integer.signum(one.compareTo(other)), one + " and " + other);
            }
        }
        assertEquals(SemanticVersion.parse("1.2.0"), SemanticVersion.parseTolerantly("v01.2"));
    }

    @Test
    void quantitiesAreTheSameHoweverTheyAreWritten() {
        assertEquals(DecimalQuantity.parse("1Ki"), DecimalQuantity.parse("1024"));
        assertEquals(DecimalQuantity.parse("1500m"), DecimalQuantity.parse("1.5"));
        assertEquals(DecimalQuantity.parse("1e3"), DecimalQuantity.parse("1k"));
        assertEquals(DecimalQuantity.parse("-0.5"), DecimalQuantity.parse("-500m"));
        assertTrue(DecimalQuantity.parse("9223372036854775807").isInteger());
        assertFalse(DecimalQuantity.parse("9223372036854775808").isInteger());
        assertFalse(DecimalQuantity.parse("1m").isInteger());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[].min() == 1",
                "[1, 9223372036854775807].sum() == 0",
                "['a'].sum() == 'a'",
                "[dyn(1), dyn('a')].isSorted()",
                "'a'.find('(') == ''",
                "ip('1.2.3') == ip('1.2.3.4')",
                "cidr('1.2.3.4/x').prefixLength() == 1",
                "cidr('1.2.3.4/8').containsIP('nowhere')",
                "url('nowhere').getHost() == ''",
                "'%d'.format(['a']) == ''",
                "'%s'.format([]) == ''",
                "'%y'.format([1]) == ''",
                "'%.9999f'.format([1.0]) == ''",
            })
    void functionsThatGiveNothingSaySo(String expression) {
        String message = String.valueOf(
                assertThrows(SelectorException.class, () -> selects(expression)).getMessage());
        assertTrue(message.startsWith("runtime error: "), message);
    }

    @Test
    void aTextThatIsNoAddressHoweverLongItIsIsRefusedAtOnce() throws SelectorException {
        assertFalse(selects("isIP('" + "1.".repeat(4000) + "')"));
        assertFalse(selects("isCIDR('" + ":".repeat(8000) + "/1')"));
        assertFalse(selects("isURL('https://" + "[".repeat(8000) + "')"));
        assertTrue(selects("format.dns1123Subdomain().validate('" + "a.".repeat(4000) + "!').hasValue()"));
        assertTrue(selects("'" + "a".repeat(4000) + "'.findAll('(a*)*$').size() > 0"));
    }
}

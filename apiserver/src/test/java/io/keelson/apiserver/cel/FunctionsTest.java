package io.keelson.apiserver.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the functions of Kubernetes give, by the examples of its documentation and beyond. */
class FunctionsTest {
    private static Object evaluate(String text) throws CelExpressionException {
        return CelEnvironment.standard().compile(text, Set.of(CelResult.ANY)).evaluate(Map.of(), CelBudget.ofObject());
    }

    private static String failure(String text) {
        return String.valueOf(assertThrows(CelExpressionException.class, () -> evaluate(text), text)
                .getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1, 2, 3].isSorted() && !['b', 'a'].isSorted() && [].isSorted()",
                "[1, 3].sum() == 4 && [1.0, 3.0].sum() == 4.0 && ['1m', '1s'].map(d, duration(d)).sum() == duration('61s')",
                "[].sum() == 0",
                "[2, 1, 3].min() == 1 && [2, 1, 3].max() == 3 && ['a', 'b'].max() == 'b'",
                "[1, 2, 2, 3].indexOf(2) == 1 && ['a', 'b', 'b', 'c'].lastIndexOf('b') == 2 && [1.0].indexOf(1.1) == -1",
                "'abc 123'.find('[0-9]*') == '' && 'abc 123'.find('[0-9]+') == '123' && 'abc'.find('x') == ''",
                "'123 abc 456'.findAll('[0-9]+') == ['123', '456'] && '123 abc 456'.findAll('[0-9]+', 1) == ['123']",
                "'12'.findAll('x') == [] && '1 2'.findAll('[0-9]', 0) == []",
                "url('https://user:pass@example.com:80/path?a=b&a=c').getScheme() == 'https'",
                "url('https://user:pass@example.com:80/').getHost() == 'example.com:80'",
                "url('https://[::1]:80/').getHost() == '[::1]:80' && url('https://[::1]:80/').getHostname() == '::1'",
                "url('https://example.com:80/').getPort() == '80' && url('/a').getPort() == ''",
                "url('https://example.com/path with spaces/').getEscapedPath() == '/path%20with%20spaces/'",
                "url('https://example.com/p?k1=a&k2=b&k2=c').getQuery() == {'k1': ['a'], 'k2': ['b', 'c']}",
                "url('/path').getScheme() == '' && isURL('/a/b') && !isURL('../relative') && !isURL('https://a:b:c')",
                "quantity('50k').add(quantity('20k')) == quantity('70k') && quantity('50k').sub(20000) == quantity('30k')",
                "quantity('200M').compareTo(quantity('0.2G')) == 0 && quantity('50Mi').isGreaterThan(quantity('50M'))",
                "quantity('50k').asInteger() == 50000 && quantity('50k').isInteger() && !quantity('1m').isInteger()",
                "quantity('1500m').asApproximateFloat() == 1.5 && quantity('-1').sign() == -1 && !isQuantity('200K')",
                "ip('127.0.0.1').isLoopback() && ip('::1').family() == 6 && ip('0.0.0.0').isUnspecified()",
                "isIP('1.2.3.4') && !isIP('1.2.3.04') && !isIP('::ffff:1.2.3.4') && !isIP('fe80::1%eth0') && !isIP('1.2.3')",
                "ip.isCanonical('2001:db8::abcd') && !ip.isCanonical('2001:DB8:0::ABCD') && string(ip('2001:db8:0:0::1')) == '2001:db8::1'",
                "ip('169.254.1.1').isLinkLocalUnicast() && ip('224.0.0.1').isLinkLocalMulticast() && ip('8.8.8.8').isGlobalUnicast()",
                "cidr('192.168.0.0/24').containsIP(ip('192.168.0.1')) && !cidr('192.168.0.0/24').containsIP('192.168.1.1')",
                "cidr('192.168.0.0/16').containsCIDR('192.168.10.0/24') && !cidr('192.168.1.0/24').containsCIDR(cidr('192.168.0.0/16'))",
                "cidr('192.168.0.1/24').masked() == cidr('192.168.0.0/24') && cidr('::1/128').prefixLength() == 128",
                "cidr('192.168.0.1/24').ip() == ip('192.168.0.1') && isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33')",
                "!format.dns1123Label().validate('my-name').hasValue() && format.dns1123Label().validate('My').hasValue()",
                "format.named('dns1035Label').value().validate('1a').value().size() == 1 && !format.named('x').hasValue()",
                "!format.dns1123LabelPrefix().validate('a-').hasValue() && format.uuid().validate('x').value() == ['does not match the UUID format']",
                "format.date().validate('2021-02-30').hasValue() && !format.datetime().validate('2021-01-01T00:00:00Z').hasValue()",
                "semver('1.2.3').major() == 1 && semver('1.2.3').isLessThan(semver('1.10.0')) && semver('1.0.0-alpha').isLessThan(semver('1.0.0'))",
                "semver('v1.0', true) == semver('1.0.0') && semver('01.01.01', true).minor() == 1 && !isSemver('v1.0') && isSemver('v1.0', true)",
                "semver('1.0.0-alpha.2').compareTo(semver('1.0.0-alpha.10')) == -1",
                "jsonpatch.escapeKey('k8s.io/my~label') == 'k8s.io~1my~0label'",
                "'%s has %d of %.2f (%x %X %o %b %e) 100%%'.format([dyn('a'), dyn(3), dyn(1.5), dyn(255), dyn('hi'), dyn(8), dyn(5), dyn(1234.5)]) == "
                        + "'a has 3 of 1.50 (ff 6869 10 101 1.234500e+03) 100%'",
                "'%s'.format([[dyn(1), dyn('a'), dyn(true)]]) == '[1, a, true]' && '%s'.format([{'b': dyn(1), 'a': dyn(null)}]) == '{a: null, b: 1}'",
                "'hello'.charAt(4) == 'o' && 'hello'.indexOf('l') == 2 && 'Hello'.lowerAscii() == 'hello' && 'a b'.split(' ') == ['a', 'b']",
                "['a', 'b'].join('-') == 'a-b' && ' a '.trim() == 'a' && 'abc'.reverse() == 'cba' && strings.quote('a\"b') == '\"a\\\\\"b\"'",
                "sets.contains([1, 2], [1]) && sets.equivalent([1, 2], [2, 1]) && sets.intersects([1], [1, 2])",
                "[1, 2].all(i, v, i < v) && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2} && ['x'].transformList(i, v, v + string(i)) == ['x0']",
                "optional.of(1).hasValue() && optional.none().orValue(3) == 3 && {'a': 1}[?'b'].orValue(2) == 2",
                "timestamp('2024-01-01T00:00:00Z').getFullYear() == 2024 && duration('1h').getMinutes() == 60",
                "1 == dyn(1.0) && 1 < 1.5 && 2u > 1 && [1].exists_one(x, x == 1)"
            })
    void hold(String expression) throws CelExpressionException {
        assertEquals(true, evaluate(expression), expression);
    }

    @Test
    void failuresSayWhatIsWrong() {
        assertEquals("min called on empty list", failure("[].min() == 1"));
        assertEquals(
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                failure("quantity('200K ') == quantity('1')"));
        assertEquals("cannot convert value to integer", failure("quantity('1m').asInteger() == 1"));
        assertEquals(
                "URL parse error during conversion from string: parse \"../a\": invalid URI for request",
                failure("url('../a').getHost() == ''"));
        assertEquals("No Major.Minor.Patch elements found", failure("semver('1.0') == semver('1.0.0')"));
        assertTrue(failure("ip('x') == ip('y')")
                .startsWith("IP Address \"x\" parse error during conversion from string: "));
        assertTrue(failure("cidr('10.0.0.0/33') == cidr('::/0')").contains("prefix length out of range"));
        assertEquals(
                "could not parse formatting clause: unrecognized formatting clause \"q\"",
                failure("'%q'.format([1]) == ''"));
        assertEquals("index 1 out of range", failure("'%s %s'.format([1]) == ''"));
        assertEquals(
                "error during formatting: decimal clause can only be used on integers, was given string",
                failure("'%d'.format(['a']) == ''"));
        assertTrue(failure("'a'.find('(') == ''").startsWith("Illegal regex: "));
        assertTrue(failure("nope('a')").contains("undeclared reference to 'nope'"));
    }
}

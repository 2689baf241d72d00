package io.keelson.apiserver.certs;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.reflect.Proxy;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ShownCredentialTest {
    @Test
    void aKeyIsShownWhateverItsProviderCallsIt() throws Exception {
        PrivateKey key = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        PrivateKey renamed = (PrivateKey) Proxy.newProxyInstance(
                ECPrivateKey.class.getClassLoader(),
                new Class<?>[] {ECPrivateKey.class},
                (_, method, arguments) ->
                        method.getName().equals("getAlgorithm") ? "ECDSA" : method.invoke(key, arguments));
        ShownCredential shown = new ShownCredential(new Credential(
                CertificateAuthority.create("test", Instant.now()).certificate(), renamed));
        assertNotNull(shown.chooseClientAlias(new String[] {"RSA", "EC"}, null, null));
        assertNotNull(shown.chooseClientAlias(new String[] {"EC_RSA"}, null, null));
        assertNull(shown.chooseClientAlias(new String[] {"RSA"}, null, null));
    }
}

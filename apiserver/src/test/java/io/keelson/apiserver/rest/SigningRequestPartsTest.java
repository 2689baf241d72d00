package io.keelson.apiserver.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.rest.LiveApi.Answer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LiveApi.Extension.class)
class SigningRequestPartsTest {
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final LiveApi api;
    private final String path;

    SigningRequestPartsTest(LiveApi api) throws Exception {
        this.api = api;
        String name = "request-" + NAMES.incrementAndGet();
        path = REQUESTS + "/" + name;
        api.post(
                        REQUESTS,
                        "{'metadata': {'name': '" + name + "'}, 'spec': {'request': '" + request()
                                + "', 'signerName': 'example.com/signer', 'usages': ['client auth']}}")
                .succeeded();
    }

    private static String request() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        byte[] der = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=jane"), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private ObjectNode withCondition(String type) {
        ObjectNode request = api.get(path).body();
        ObjectNode status = request.path("status") instanceof ObjectNode there ? there : request.putObject("status");
        status.withArray("conditions")
                .addObject()
                .put("type", type)
                .put("status", "True")
                .put("reason", "Test");
        return request;
    }

    @Test
    void approvalIsWrittenThroughItsOwnPath() {
        Answer answer = api.put(path + "/approval", withCondition("Approved")).succeeded();
        assertEquals("Approved", answer.text("/status/conditions/0/type"));
        assertTrue(answer.at("/status/conditions/0").has("lastUpdateTime"));
        assertEquals("Approved", api.get(path + "/approval").text("/status/conditions/0/type"));
    }

    @Test
    void statusDoesNotApprove() {
        Answer answer = api.put(path + "/status", withCondition("Approved"));
        assertEquals(422, answer.code());
        assertTrue(
                answer.message()
                        .contains("status.conditions: Forbidden: updates may not add a condition of type \"Approved\""),
                answer.message());
    }

    @Test
    void statusTellsOfFailure() {
        assertEquals(
                "Failed",
                api.put(path + "/status", withCondition("Failed")).succeeded().text("/status/conditions/0/type"));
    }

    @Test
    void approvalDoesNotSign() {
        ObjectNode request = withCondition("Approved");
        ((ObjectNode) request.path("status")).put("certificate", "AAAA");
        Answer answer = api.put(path + "/approval", request).succeeded();
        assertTrue(answer.at("/status/certificate").isMissingNode());
    }

    @Test
    void whatIsApprovedStaysApproved() {
        api.put(path + "/approval", withCondition("Approved")).succeeded();
        Answer answer = api.merge(path + "/approval", "{'status': {'conditions': []}}");
        assertEquals(422, answer.code());
        assertTrue(
                answer.message().contains("updates may not remove a condition of type \"Approved\""), answer.message());
    }
}

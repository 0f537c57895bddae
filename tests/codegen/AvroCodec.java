// Reads what one schema wrote as another schema, and writes it again: Java's own Avro as the judge of our bytes.
// A line of JSON in, {"writer", "reader", "body", "decimals"}; a line of JSON out, {"body"} or {"error"}.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

public final class AvroCodec {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        answer.put("body", HexFormat.of().formatHex(convert(JSON.readTree(line))));
      } catch (Exception | StackOverflowError error) {
        answer.put("error", String.valueOf(error));
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }

  private static byte[] convert(JsonNode question) throws Exception {
    Schema writer = new Schema.Parser().parse(question.get("writer").asText());
    Schema reader = new Schema.Parser().parse(question.get("reader").asText());
    GenericData data = new GenericData();
    if (question.get("decimals").asBoolean()) {
      data.addLogicalTypeConversion(new Conversions.DecimalConversion());
    }
    byte[] body = HexFormat.of().parseHex(question.get("body").asText());
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(body, null);
    Object value = new GenericDatumReader<Object>(writer, reader, data).read(null, decoder);
    if (!decoder.isEnd()) {
      throw new IllegalStateException("bytes are left");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<Object>(reader, data).write(value, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}

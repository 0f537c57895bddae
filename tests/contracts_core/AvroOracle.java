import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;
import org.apache.avro.SchemaNormalization;

/**
 * Answers, line by line, what Java's Avro makes of a schema ({"text"}), perhaps after others ({"first"}), or of a pair
 * ({"reader", "writer"}).
 */
public final class AvroOracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    // Escaped, so that lone surrogates survive the pipe.
    JSON.getFactory().enable(JsonGenerator.Feature.ESCAPE_NON_ASCII);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isEmpty()) { // the end of a batch
        out.flush();
        continue;
      }
      JsonNode question = JSON.readTree(line);
      ObjectNode answer = JSON.createObjectNode();
      try {
        if (question.has("text")) {
          schema(question.get("text").textValue(), question.path("first"), answer);
        } else {
          pair(question.get("reader").textValue(), question.get("writer").textValue(), answer);
        }
      } catch (RuntimeException | StackOverflowError refusal) {
        answer.put("refused", refusal.toString());
      }
      out.println(JSON.writeValueAsString(answer));
    }
  }

  private static void schema(String text, JsonNode first, ObjectNode answer) {
    Schema.Parser parser = new Schema.Parser();
    List<Schema> references = new ArrayList<>();
    for (JsonNode each : first) {
      references.add(parser.parse(each.textValue()));
    }
    Schema schema = parser.parse(text);
    String canonical = SchemaNormalization.toParsingForm(schema);
    answer.put("canonical", canonical);
    answer.put("fingerprint", Long.toUnsignedString(SchemaNormalization.parsingFingerprint64(schema)));
    try {
      answer.put("text", schema.toString());
      if (!references.isEmpty()) {
        answer.put("beside", schema.toString(references, false));
      }
    } catch (RuntimeException unwritable) {
      answer.put("unwritable", unwritable.toString());
    }
  }

  private static void pair(String readerText, String writerText, ObjectNode answer) {
    Schema reader = new Schema.Parser().parse(readerText);
    Schema writer = new Schema.Parser().parse(writerText);
    List<Incompatibility> incompatibilities = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult().getIncompatibilities();
    ArrayNode found = answer.putArray("found");
    for (Incompatibility each : incompatibilities) {
      found.addArray().add(each.getType().name()).add(each.getLocation()).add(each.getMessage());
    }
  }
}

/**
 * One field of any kind.
 *
 * @module
 */

import { BooleanField, ChoiceField, ConstantField } from "./choice_fields.tsx";
import type { FieldProps } from "./frame.tsx";
import { JsonField } from "./json_field.tsx";
import { ListField } from "./list_field.tsx";
import { NumberField } from "./number_field.tsx";
import { ObjectField } from "./object_field.tsx";
import { TextField } from "./text_field.tsx";
import { UnionField } from "./union_field.tsx";
import { shownAs } from "./values.ts";

/** See the module's comment. A value that its field could not hold is shown as JSON. */
export function FieldView({ field: given, ...props }: FieldProps) {
  const field = shownAs(given, props.value);
  switch (field.kind) {
    case "text":
      return <TextField {...props} field={field} />;
    case "number":
      return <NumberField {...props} field={field} />;
    case "boolean":
      return <BooleanField {...props} field={field} />;
    case "choice":
      return <ChoiceField {...props} field={field} />;
    case "constant":
      return <ConstantField {...props} field={field} />;
    case "object":
      return <ObjectField {...props} field={field} />;
    case "list":
      return <ListField {...props} field={field} />;
    case "union":
      return <UnionField {...props} field={field} />;
    case "json":
      return <JsonField {...props} field={field} misfit={field !== given} />;
  }
}
